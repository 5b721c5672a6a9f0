import * as assert from 'uvu/assert';
import type { IndexedDocument } from '../../src/state/census.js';
import { absenceSchema2, absenceSchema } from '../../src/state/sqlite-absence.js';
import { catalogueSchema, sqliteCatalogue } from '../../src/state/sqlite-catalogue.js';
import { censusSchema, sqliteCensus } from '../../src/state/sqlite-census.js';
import { type Sqlite, type Statement, openSqlite } from '../../src/state/sqlite-database.js';
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

  test('strangers do not include what an item has the place of by now', () => {
    const { catalogue, census } = sqliteStore(':memory:');
    census.begin();
    census.add({ documents: [], strangers: ['1', '2', 'folder_3', 'free'] });
    census.end();
    catalogue.record([
      knownItem({ id: '1' }),
      knownItem({ id: '2', version: null }),
      knownItem({ id: '3', type: 'folder', documentId: 'folder_3' }),
    ]);
    assert.equal(census.strangers('', 9), ['2', 'free'], 'file 2 has no document');
  });

  test('a document of an older version is recognised by the catalogue, and not taken for another item', () => {
    const { catalogue, census } = sqliteStore(':memory:');
    const folder = knownItem({ id: '7', type: 'folder', documentId: 'folder_7' });
    catalogue.record([knownItem({ id: '7' }), folder]);
    census.begin();
    census.add({
      documents: [document('7'), document('folder_7', { type: 'folder', version: folder.version })],
      strangers: [],
    });
    assert.equal(census.end(), { lost: 0, differing: 0, adopted: 0, strangers: 0 });
    assert.equal(catalogue.known(['7']).get('folder 7'), folder);
    assert.is(catalogue.known(['folder_7']).size, 0);
  });

  test('a document that another item has taken over is lost', () => {
    const { catalogue, census } = sqliteStore(':memory:');
    catalogue.record([knownItem({ id: '7', type: 'folder' })]);
    census.begin();
    census.add({ documents: [document('7')], strangers: [] });
    assert.equal(census.end(), { lost: 1, differing: 0, adopted: 1, strangers: 0 });
  });

  test('one that is cut off at its end leaves the catalogue as it was, not half of it', () => {
    const db = openSqlite(':memory:', { ifDamaged: '' });
    db.exec(`${catalogueSchema} ${censusSchema}`);
    const catalogue = sqliteCatalogue(migrated(db));
    const cutOff: Sqlite = {
      ...db,
      exec: (sql) => db.exec(sql),
      get inTransaction() {
        return db.inTransaction;
      },
      prepare: (sql) => (sql.includes('INSERT OR IGNORE INTO item') ? thatFails(db.prepare(sql)) : db.prepare(sql)),
    };
    catalogue.record([knownItem({ id: 'lost' }), knownItem({ id: 'older' })]);
    const before = catalogue.known(['lost', 'older', 'new']);
    const census = sqliteCensus(cutOff);
    census.begin();
    census.add({
      documents: [document('older', { version: { signature: 'old', content: null } }), document('new')],
      strangers: [],
    });
    assert.throws(() => census.end(), /the disk is full/);
    assert.equal(catalogue.known(['lost', 'older', 'new']), before);
    assert.is(db.inTransaction, false);
  });
});

function migrated(db: Sqlite): Sqlite {
  db.exec(`${absenceSchema} ${absenceSchema2}`);
  return db;
}

function thatFails(statement: Statement): Statement {
  return {
    ...statement,
    run: () => {
      throw new Error('the disk is full');
    },
  };
}
