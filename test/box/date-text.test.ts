import * as assert from 'uvu/assert';
import { isDateText } from '../../src/box/date-text.js';
import { suite } from '../support/suite.js';

suite('isDateText()', (test) => {
  test('dates that exist', () => {
    for (const text of [
      '2023-08-04T03:17:55-07:00',
      '2023-06-01T12:00:00Z',
      '2023-06-01T12:00:00.123Z',
      '2024-02-29T00:00:00+05:30',
      '2000-02-29T00:00:00Z',
      '2023-12-31T23:59:59-12:00',
      '2023-04-30T00:00:00Z',
      '9999-12-31T23:59:59Z',
      '9999-12-31T23:59:59+08:00',
      '0000-01-01T00:00:00Z',
      '0001-01-31T00:00:00Z',
      '0096-02-29T00:00:00Z',
    ]) {
      assert.ok(isDateText(text), text);
    }
  });

  test('dates that do not, or not in the years that four digits can say', () => {
    for (const text of [
      '',
      'yesterday',
      '2023-08-04',
      '2023-08-04T03:17:55',
      '9999-12-31T23:59:59-08:00',
      '0000-01-01T00:00:00+00:01',
      '0000-00-00T00:00:00-00:00',
      '2023-02-29T00:00:00Z',
      '2023-02-30T00:00:00Z',
      '1900-02-29T00:00:00Z',
      '2023-04-31T00:00:00Z',
      '2016-12-31T23:59:60Z',
      '2023-01-01T24:00:00Z',
      '2023-13-01T00:00:00Z',
      '2023-01-32T00:00:00Z',
      '2023-01-01T00:00:00+24:00',
      '+010000-01-01T00:00:00Z',
      ' 2023-06-01T12:00:00Z',
      '2023-06-01T12:00:00Z\n',
      '2023-06-01T12:00:00Z\0',
    ]) {
      assert.not.ok(isDateText(text), JSON.stringify(text));
    }
  });
});
