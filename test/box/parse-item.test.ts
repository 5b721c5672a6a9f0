import * as assert from 'uvu/assert';
import { itemFields } from '../../src/box/item-fields.js';
import { parseItem } from '../../src/box/parse-item.js';
import { suite } from '../support/suite.js';

const file = {
  type: 'file',
  id: '11',
  etag: '3',
  sequence_id: '3',
  name: 'Plan.docx',
  description: '',
  created_at: '2020-01-02T03:04:05-07:00',
  modified_at: '2020-01-03T03:04:05-07:00',
  created_by: { type: 'user', id: '7', name: 'Ann', login: 'ann@example.com' },
  modified_by: { type: 'user', id: '2', name: 'Unknown User', login: '' },
  owned_by: { type: 'user', id: '7', name: 'Ann', login: 'ann@example.com' },
  parent: { type: 'folder', id: '5', sequence_id: '1', etag: '1', name: 'Plans' },
  item_status: 'active',
  shared_link: {
    url: 'https://app.box.com/s/x',
    download_url: null,
    vanity_url: null,
    vanity_name: null,
    access: 'company',
    effective_access: 'company',
    effective_permission: 'can_download',
    unshared_at: null,
    is_password_enabled: false,
    permissions: { can_preview: true },
    download_count: 12,
    preview_count: 3,
  },
  size: 1234,
  content_created_at: '2020-01-02T03:04:05-07:00',
  content_modified_at: null,
  sha1: 'da39a3ee5e6b4b0d3255bfef95601890afd80709',
  file_version: { type: 'file_version', id: '111', sha1: 'da39a3ee5e6b4b0d3255bfef95601890afd80709' },
  extension: 'docx',
  tags: ['a', 'b'],
  classification: { name: 'Secret', definition: 'No', color: '#f00', extra: 1 },
};

function itemOf(entry: unknown) {
  const parsed = parseItem(entry);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed.item;
}

suite('parseItem()', (test) => {
  test('a whole file keeps all but what changes by being looked at', () => {
    assert.equal(itemOf(file), {
      ...file,
      shared_link: Object.fromEntries(Object.entries(file.shared_link).slice(0, 9)),
      classification: { name: 'Secret', definition: 'No', color: '#f00' },
    });
  });

  test('what is missing is null, and the keys are the same and in the same order', () => {
    for (const type of ['file', 'folder', 'web_link'] as const) {
      const bare = itemOf({ type, id: '1' });
      const nulls = itemOf({ ...Object.fromEntries(itemFields.map((field) => [field, null])), type, id: '1' });
      assert.equal(bare, nulls);
      assert.equal(Object.keys(bare), Object.keys(itemOf({ ...file, tags: null, type })));
      assert.ok(Object.entries(bare).every(([key, value]) => key === 'type' || key === 'id' || value === null));
    }
  });

  test('nested objects have all their keys whatever Box sends', () => {
    const item = itemOf({ type: 'file', id: '1', shared_link: {}, classification: {}, created_by: {} });
    assert.equal(item.shared_link, {
      url: null,
      download_url: null,
      vanity_url: null,
      vanity_name: null,
      access: null,
      effective_access: null,
      effective_permission: null,
      unshared_at: null,
      is_password_enabled: null,
    });
    assert.equal(item.created_by, { type: 'user', id: '', name: null, login: null });
  });

  test('asks for every field that it reads', () => {
    const asked: readonly string[] = itemFields;
    for (const type of ['file', 'folder', 'web_link']) {
      for (const key of Object.keys(itemOf({ type, id: '1' }))) assert.ok(asked.includes(key), key);
    }
  });

  test('what it made can be parsed again', () => {
    for (const type of ['file', 'folder', 'web_link']) {
      const item = itemOf({ ...file, type });
      assert.equal(itemOf(JSON.parse(JSON.stringify(item))), item);
    }
  });

  test('numbers are fine where Box writes texts, and e-notation where it writes sizes', () => {
    const item = itemOf(
      JSON.parse(
        '{"type":"folder","id":12345,"etag":0,"sequence_id":7,"parent":{"id":0},"size":1.0034576983313e+14,"owned_by":{"id":42}}',
      ),
    );
    assert.equal(
      [item.id, item.etag, item.sequence_id, item.parent?.id, item.owned_by?.id],
      ['12345', '0', '7', '0', '42'],
    );
    assert.is('size' in item ? item.size : null, 100_345_769_833_130);
  });

  test('strange names are names', () => {
    for (const name of ['__proto__', 'a\nb', '\u202Eabc', '\u{1F600}', 'a\0b', '\u001b', '']) {
      assert.is(itemOf({ type: 'file', id: '1', name }).name, name);
    }
    assert.is(itemOf({ type: 'file', id: '1', name: 'half \uD800 a pair' }).name, 'half \ufffd a pair');
    assert.equal(itemOf({ ...file, tags: ['\uDC00'] }), { ...itemOf(file), tags: ['\ufffd'] });
    assert.is(itemOf(JSON.parse('{"__proto__":{"name":"x"},"type":"file","id":"1"}')).name, null);
  });

  const oddities: readonly (readonly [unknown, string])[] = [
    [{ ...file, size: 'abc' }, 'field "size" is text "abc", expected a number'],
    [{ ...file, size: -1 }, 'field "size" is number -1, expected a whole number of bytes'],
    [{ ...file, size: 1.5 }, 'field "size" is number 1.5, expected a whole number of bytes'],
    [{ ...file, size: 1e300 }, 'field "size" is number 1e+300, expected a whole number of bytes'],
    [{ ...file, name: 5 }, 'field "name" is number 5, expected a text'],
    [{ ...file, created_by: 'Ann' }, 'field "created_by" is text "Ann", expected an object'],
    [{ ...file, created_by: { id: 1, name: [] } }, 'field "created_by.name" is a list, expected a text'],
    [
      { ...file, parent: {} },
      'field "parent.id" is missing, expected an id: text of 1 to 512 bytes without control characters, or a whole number below 2^53',
    ],
    [
      { ...file, file_version: { id: null } },
      'field "file_version.id" is null, expected an id: text of 1 to 512 bytes without control characters, or a whole number below 2^53',
    ],
    [{ ...file, shared_link: [] }, 'field "shared_link" is a list, expected an object'],
    [
      { ...file, shared_link: { is_password_enabled: 'no' } },
      'field "shared_link.is_password_enabled" is text "no", expected true or false',
    ],
    [{ ...file, tags: 'a,b' }, 'field "tags" is text "a,b", expected a list of texts'],
    [{ ...file, tags: ['a', 1] }, 'field "tags" is number 1, expected texts in the list'],
    [{ ...file, classification: true }, 'field "classification" is boolean true, expected an object'],
    [{ type: 'web_link', id: '11', url: {} }, 'field "url" is an object, expected a text'],
    [{ ...file, name: 'n'.repeat(70_000) }, 'field "name" is a text of 70000 characters, expected at most 65536'],
    [{ ...file, tags: Array(1_001).fill('a') }, 'field "tags" is a list of 1001, expected at most 1000 texts'],
    [
      { ...file, etag: 1e20 },
      'field "etag" is number 100000000000000000000, expected a text or a whole number below 2^53',
    ],
    ...[
      '9999-12-31T23:59:59-08:00',
      '',
      '0000-00-00T00:00:00-00:00',
      '2020-12-31T23:59:60Z',
      '2020-02-30T00:00:00Z',
    ].map(
      (date) =>
        [
          { ...file, shared_link: { unshared_at: date } },
          `field "shared_link.unshared_at" is text ${JSON.stringify(date)}, expected an RFC 3339 date of the years 0 to 9999 in UTC`,
        ] as const,
    ),
  ];
  for (const [entry, problem] of oddities) {
    const field = /"([^"]+)"/.exec(problem)?.[1] ?? '';
    test(`costs the field, not the item: ${problem.slice(0, 80)}`, () => {
      const parsed = parseItem(entry);
      assert.ok('item' in parsed);
      assert.equal(parsed.odd, [{ field, problem }]);
      const [member = '', inner] = field.split('.');
      const found = (parsed.item as unknown as Record<string, unknown>)[member];
      // Without its id, what stands for another thing stands for nothing.
      if (inner === undefined || inner === 'id') assert.is(found, null);
      else assert.is((found as Record<string, unknown>)[inner], null);
    });
  }

  test('each odd field is said, and the others are as they are', () => {
    const parsed = parseItem({ ...file, created_at: 'yesterday', size: -1, modified_by: { id: [], name: 'Ann' } });
    assert.ok('item' in parsed && parsed.item.type === 'file');
    assert.equal(
      parsed.odd?.map(({ field }) => field),
      ['created_at', 'modified_by.id', 'size'],
    );
    assert.equal(parsed.item, {
      ...itemOf(file),
      ...{ created_at: null, size: null, modified_by: { type: 'user', id: '', name: 'Ann', login: null } },
    });
  });

  test('what is hostile in a value does not reach the message', () => {
    const parsed = parseItem({ ...file, size: '\u202e\u0007\n\ud83d' });
    assert.ok('item' in parsed);
    assert.equal(parsed.odd?.[0]?.problem, 'field "size" is text "\\u202e\\u0007\\n\\ud83d", expected a number');
  });

  const problems: readonly (readonly [unknown, string])[] = [
    [{ ...file, type: 'app_item' }, 'field "type" is text "app_item", expected file, folder or web_link'],
    [{ ...file, type: undefined }, 'field "type" is missing, expected file, folder or web_link'],
  ];
  for (const [entry, problem] of problems) {
    test(`refuses: ${problem}`, () => {
      const { type } = entry as { type?: string };
      assert.equal(parseItem(entry), { problem, type: type ?? '', id: '11' });
    });
  }

  test('an id that is none is a problem', () => {
    for (const [id, found] of [
      [undefined, 'missing'],
      ['', 'text ""'],
      [null, 'null'],
      [{}, 'an object'],
      ['..', 'text ".."'],
      ['a\0', 'text "a\\u0000"'],
      ['\ud83d', 'text "\\ud83d"'],
      ['x'.repeat(513), `text "${'x'.repeat(60)}..."`],
      // Beyond 2^53 the number that was sent is lost.
      [JSON.parse('9007199254740993') as number, 'number 9007199254740992'],
    ] as const) {
      const problem = `field "id" is ${found}, expected an id: text of 1 to 512 bytes without control characters, or a whole number below 2^53`;
      assert.equal(parseItem({ type: 'file', id }), { problem, type: 'file', id: '' });
    }
    assert.is(itemOf({ type: 'file', id: 'x'.repeat(512) }).id.length, 512);
  });

  test('an entry that is no object is a problem', () => {
    for (const entry of [null, undefined, 'file', 7, []]) {
      const parsed = parseItem(entry);
      assert.match('problem' in parsed ? parsed.problem : '', /^entry is .*, expected an object$/);
    }
  });

  test('a long value is cut in the problem', () => {
    const parsed = parseItem({ type: 'x'.repeat(5_000), id: '1' });
    assert.ok('problem' in parsed && parsed.problem.length < 200);
    assert.is('type' in parsed ? parsed.type : null, '');
  });
});
