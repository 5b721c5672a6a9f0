import * as assert from 'uvu/assert';
import { type FieldMapping, indexMappings } from '../../src/sinks/index-mappings.js';
import { compareMappings } from '../../src/sinks/mapping-conflicts.js';
import { suite } from '../support/suite.js';

const dynamicText: FieldMapping = { type: 'text', fields: { keyword: { type: 'keyword', ignore_above: 256 } } };

suite('compareMappings()', (test) => {
  const conflicts = (found: Record<string, FieldMapping>) =>
    compareMappings(found, indexMappings).conflicts.map(({ field, found: type }) => `${field}: ${type}`);

  test('its own mapping has no conflict and lacks nothing', () => {
    assert.equal(compareMappings(indexMappings, indexMappings), { conflicts: [], missing: {} });
  });

  test('an empty index lacks everything', () => {
    assert.equal(compareMappings({}, indexMappings), { conflicts: [], missing: indexMappings });
  });

  test('the mapping that Elasticsearch makes for the documents of Elastic is adopted; missing fields are named', () => {
    const found: Record<string, FieldMapping> = {
      id: dynamicText,
      _timestamp: { type: 'date' },
      name: dynamicText,
      type: dynamicText,
      size: { type: 'long' },
      created_by: { properties: { id: dynamicText, name: dynamicText, type: dynamicText } },
      body: dynamicText,
      etag: dynamicText,
    };
    const { conflicts: none, missing } = compareMappings(found, indexMappings);
    assert.equal(none, []);
    assert.ok('_sync' in missing && 'path' in missing);
    assert.not('name' in missing);
    assert.equal(missing['created_by'], { properties: { login: { type: 'keyword', ignore_above: 8_191 } } });
  });

  const cases: readonly [string, Record<string, FieldMapping>, string[]][] = [
    ['a name that was once taken for a date', { name: { type: 'date' } }, ['name: date']],
    ['ids as numbers', { id: { type: 'long' } }, ['id: long']],
    ['sizes that are too small', { size: { type: 'integer' } }, ['size: integer']],
    ['a value where an object goes', { parent: dynamicText }, ['parent: text']],
    ['an object where a value goes', { url: { properties: {} } }, ['url: object']],
    ['inside an object', { owned_by: { properties: { id: { type: 'boolean' } } } }, ['owned_by.id: boolean']],
    ['a keyword that refuses long text', { body: { type: 'keyword' } }, ['body: keyword without ignore_above']],
    ['several at once', { id: { type: 'ip' }, size: { type: 'date' } }, ['id: ip', 'size: date']],
    [
      'objects that are kept as they are do',
      { parent: { type: 'flattened' }, owned_by: { type: 'object', enabled: false } },
      [],
    ],
    ['dates as text do', { created_at: dynamicText }, []],
  ];
  for (const [title, found, expected] of cases) test(title, () => assert.equal(conflicts(found), expected));
});
