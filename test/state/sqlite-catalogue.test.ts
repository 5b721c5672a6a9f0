import * as assert from 'uvu/assert';
import { sqliteStore } from '../../src/state/sqlite-store.js';
import { knownItem } from '../support/known-item.js';
import { suite } from '../support/suite.js';

suite('Catalogue in SQLite', (test) => {
  const open = () => sqliteStore(':memory:').catalogue;

  test('gives back what was recorded, by id, whatever the type', () => {
    const catalogue = open();
    const file = knownItem({ id: '7', version: { signature: 's', content: 'v1' }, rules: 'r1', viewer: '12' });
    const folder = knownItem({ id: '7', type: 'folder', documentId: 'folder_7', version: null });
    const link = knownItem({ id: '8', type: 'web_link', filtered: { rule: 'r', signature: 'x' }, version: null });
    catalogue.record([file, folder, link]);
    const known = catalogue.known(['7', '8', '9']);
    assert.is(known.size, 3);
    assert.equal(known.get('file 7'), file);
    assert.equal(known.get('folder 7'), folder);
    assert.equal(known.get('web_link 8'), link);
  });

  test('record() replaces, count() and indexed() tell items from documents', () => {
    const catalogue = open();
    catalogue.record([knownItem({ id: '1' }), knownItem({ id: '2', version: null })]);
    catalogue.record([knownItem({ id: '1', parent: '5', lastSeen: 4 })]);
    assert.is(catalogue.count(), 2);
    assert.is(catalogue.indexed(), 1);
    assert.is(catalogue.known(['1']).get('file 1')?.parent, '5');
  });

  test('seen() moves only the run', () => {
    const catalogue = open();
    const before = knownItem({ id: '1', lastSeen: 1 });
    catalogue.record([before, knownItem({ id: '1', type: 'folder', lastSeen: 1 })]);
    catalogue.seen([{ type: 'file', id: '1' }], 9);
    assert.equal(catalogue.known(['1']).get('file 1'), { ...before, lastSeen: 9 });
    assert.is(catalogue.known(['1']).get('folder 1')?.lastSeen, 1);
  });

  test('forget() removes one type of an id', () => {
    const catalogue = open();
    catalogue.record([knownItem({ id: '1' }), knownItem({ id: '1', type: 'folder' })]);
    catalogue.forget([{ type: 'file', id: '1' }]);
    assert.equal([...catalogue.known(['1']).keys()], ['folder 1']);
  });

  test('ids are opaque text: quotes, SQL, leading zeros and numbers beyond 2^53 survive', () => {
    const catalogue = open();
    const ids = [`a'b"c`, '0012', '12', '9007199254740993', `'); DROP TABLE item; --`, '1e5', ' '];
    catalogue.record(ids.map((id) => knownItem({ id })));
    assert.equal([...catalogue.known(ids).values()].map(({ id }) => id).sort(), [...ids].sort());
    assert.is(catalogue.count(), ids.length);
  });
});
