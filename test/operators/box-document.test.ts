import * as assert from 'uvu/assert';
import { boxDocument } from '../../src/operators/box-document.js';
import { boxFile, found } from '../support/found.js';
import { suite } from '../support/suite.js';

suite('boxDocument()', (test) => {
  const dates: readonly (readonly [string, string])[] = [
    ['2023-08-04T03:17:55-07:00', '2023-08-04T10:17:55Z'],
    ['2023-08-04T23:17:55-07:00', '2023-08-05T06:17:55Z'],
    ['2024-02-28T23:59:59-00:01', '2024-02-29T00:00:59Z'],
    ['2023-01-01T00:30:00+01:00', '2022-12-31T23:30:00Z'],
    ['2023-06-01T12:00:00+05:30', '2023-06-01T06:30:00Z'],
    ['2023-06-01T12:00:00Z', '2023-06-01T12:00:00Z'],
    ['2023-06-01T12:00:00.123Z', '2023-06-01T12:00:00Z'],
    ['2023-06-01T12:00:00+00:00', '2023-06-01T12:00:00Z'],
  ];
  for (const [listed, indexed] of dates) {
    test(`${listed} is indexed as ${indexed}`, () => {
      const document = boxDocument(found(boxFile({ modified_at: listed })));
      assert.is(document.modified_at, indexed);
      assert.is(document._timestamp, indexed);
      assert.is(document.modified_at, new Date(listed).toISOString().replace(/\.\d+Z$/, 'Z'));
    });
  }

  test('the mapping never throws: a date that Elasticsearch could not take is null', () => {
    for (const date of [
      'yesterday',
      '',
      '9999-12-31T23:59:59-08:00',
      '0000-00-00T00:00:00-00:00',
      '2016-12-31T23:59:60Z',
    ]) {
      const document = boxDocument(found(boxFile({ content_created_at: date, modified_at: date })));
      assert.equal([document.content_created_at, document.modified_at, document._timestamp], [null, null, null]);
    }
  });

  test('every field is present, null where Box has none', () => {
    const document = boxDocument(found(boxFile({ modified_at: null, size: null, extension: null })));
    assert.is(document.modified_at, null);
    assert.is(document.size, null);
    assert.is(document.extension, null);
    assert.not.ok(Object.values(document).includes(undefined));
  });

  test('the url of a file is its page in Box', () => {
    assert.is(boxDocument(found(boxFile({ id: '77' }))).url, 'https://app.box.com/file/77');
  });
});
