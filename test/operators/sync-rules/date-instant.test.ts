import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import { dateInstant } from '../../../src/operators/sync-rules/date-instant.js';
import { suite } from '../../support/suite.js';

const dates: readonly (readonly [string, string])[] = [
  ['2024-01-01', '2024-01-01T00:00:00.000Z'],
  ['2024-01-01T06:00:00Z', '2024-01-01T06:00:00.000Z'],
  ['2024-01-01t06:00:00z', '2024-01-01T06:00:00.000Z'],
  ['2024-01-01 06:00', '2024-01-01T06:00:00.000Z'],
  ['2024-01-01T00:00:00-07:00', '2024-01-01T07:00:00.000Z'],
  ['2024-01-01T00:00:00+0530', '2023-12-31T18:30:00.000Z'],
  ['2024-01-01T00:00:00 +02', '2023-12-31T22:00:00.000Z'],
  ['2024-01-01T00:00:00.125Z', '2024-01-01T00:00:00.125Z'],
  ['2024-02-29', '2024-02-29T00:00:00.000Z'],
  ['2000-02-29', '2000-02-29T00:00:00.000Z'],
  ['0099-12-31', '0099-12-31T00:00:00.000Z'],
  ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
];

const others = [
  '', '2024', '2024-05', '2024-1-1', '24-01-01', '2024-13-01', '2024-00-01', '2024-04-31', '2023-02-29', '1900-02-29',
  '2024-01-01T', '2024-01-01T24:00', '2024-01-01T12:60', '2024-01-01T12:00:61', '2024-01-01Z', '2024-01-01 report.pdf',
  ' 2024-01-01', '2024-01-01\n', '2024-01-01T00:00:00+24:00', 'Jan 1, 2024', 'yesterday',
]; // prettier-ignore

suite('dateInstant', (test) => {
  for (const [text, expected] of dates) {
    test(`reads "${text}"`, () => assert.is(new Date(dateInstant(text) ?? Number.NaN).toISOString(), expected));
  }

  for (const text of others) {
    test(`leaves ${JSON.stringify(text)} a text`, () => assert.is(dateInstant(text), null));
  }

  test('reads every ISO date as the Date object does', () => {
    const range = { min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true };
    fc.assert(fc.property(fc.date(range), (date) => dateInstant(date.toISOString()) === date.getTime()));
  });
});
