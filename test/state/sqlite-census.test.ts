import * as assert from 'uvu/assert';
import type { IndexedDocument } from '../../src/state/census.js';
import { sqliteStore } from '../../src/state/sqlite-store.js';
import { knownItem } from '../support/known-item.js';
import { suite } from '../support/suite.js';

suite('Census in SQLite', (test) => {
  const document = (id: string, different: Partial<IndexedDocument> = {}): IndexedDocument => ({
    documentId: id,
    type: 'file',
    id,
    parent: '0',
    viewer: null,
    version: { signature: `signature of ${id}`, content: null },
    ...different,
  });

  test('finds what the index has lost, what differs and what the catalogue did not know', () => {
    const { catalogue, census } = sqliteStore(':memory:');
    catalogue.record(
      ['same', 'lost', 'older', 'unsent'].map((id) =>
        knownItem({ id, version: id === 'unsent' ? null : knownItem({ id }).version }),
      ),
    );
    census.begin();
    census.add({
      documents: [document('same'), document('older', { version: { signature: 'old', content: 'v1' } })],
      strangers: [],
    });
    census.add({
      documents: [
        document('unsent'),
        document('new', { viewer: 'u1', parent: '5' }),
        document('elastic', { version: null }),
      ],
      strangers: [],
    });
    assert.equal(census.end(), { lost: 1, differing: 2, adopted: 2, strangers: 0 });
    const known = catalogue.known(['same', 'lost', 'older', 'unsent', 'new', 'elastic']);
    assert.equal(known.get('file same'), knownItem({ id: 'same' }));
    assert.is(known.get('file lost')?.version, null);
    assert.equal(known.get('file older')?.version, { signature: 'old', content: 'v1' });
    assert.equal(known.get('file unsent')?.version, { signature: 'signature of unsent', content: null });
    assert.equal(known.get('file new'), knownItem({ id: 'new', viewer: 'u1', parent: '5', lastSeen: 0, rules: '' }));
    assert.equal(known.get('file elastic')?.version, { signature: '', content: null });
  });

  test('a filtered item keeps the signature that the rules have judged', () => {
    const { catalogue, census } = sqliteStore(':memory:');
    catalogue.record([knownItem({ id: '1', filtered: { rule: 'r', signature: 'judged' }, version: null })]);
    census.begin();
    census.add({ documents: [document('1', { version: { signature: 'indexed', content: null } })], strangers: [] });
    assert.equal(census.end(), { lost: 0, differing: 1, adopted: 0, strangers: 0 });
    const item = catalogue.known(['1']).get('file 1');
    assert.equal(item?.filtered, { rule: 'r', signature: 'judged' });
    assert.ok(item?.version !== null);
  });

  test('strangers are kept until the next census, and never adopted', () => {
    const { catalogue, census } = sqliteStore(':memory:');
    census.begin();
    census.add({ documents: [], strangers: ['c', 'a'] });
    census.add({ documents: [document('1')], strangers: ['b', 'a'] });
    assert.equal(census.end(), { lost: 0, differing: 0, adopted: 1, strangers: 3 });
    assert.equal(census.strangers('', 2), ['a', 'b']);
    assert.equal(census.strangers('b', 2), ['c']);
    assert.is(catalogue.count(), 1);
    census.begin();
    assert.equal(census.strangers('', 2), []);
  });

  test('a second census starts anew', () => {
    const { catalogue, census } = sqliteStore(':memory:');
    census.begin();
    census.add({ documents: [document('1')], strangers: [] });
    census.end();
    census.begin();
    assert.equal(census.end(), { lost: 1, differing: 0, adopted: 0, strangers: 0 });
    assert.is(catalogue.indexed(), 0);
  });
});
