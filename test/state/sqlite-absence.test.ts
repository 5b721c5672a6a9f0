import * as assert from 'uvu/assert';
import type { FrontierFolder } from '../../src/state/frontier.js';
import { sqliteStore } from '../../src/state/sqlite-store.js';
import { knownItem } from '../support/known-item.js';
import { suite } from '../support/suite.js';

suite('Absence in SQLite', (test) => {
  const folder = (id: string, viewer: string | null = null) => ({
    id,
    viewer,
    path: id === '0' ? '' : `/${id}`,
    ancestors: [],
  });

  /** A store whose frontier has listed these folders to their end. */
  const listed = (...folders: (readonly [string, string | null])[]) => {
    const store = sqliteStore(':memory:');
    store.frontier.add(folders.map(([id, viewer]) => folder(id, viewer)));
    for (let next = store.frontier.take(); next !== undefined; next = store.frontier.take()) {
      store.frontier.pageSettled(next, null);
    }
    return store;
  };
  test('placeOf() goes by the nearest folder that the frontier knows', () => {
    const { frontier, absence } = listed(['0', null], ['10', null], ['12', null]);
    assert.is(absence.hasPruned(), false);
    frontier.prune([folder('11')]);
    assert.is(absence.hasPruned(), true);
    for (const [place, folders] of [
      ['walked', ['0']],
      ['walked', ['0', '10']],
      ['walked', ['0', '11', '12']],
      ['pruned', ['0', '11']],
      ['pruned', ['0', '10', '11', '98', '99']],
      ['unknown', ['99']],
      ['unknown', ['0', '99']],
    ] as const) {
      assert.is(absence.placeOf(folders), place, folders.join('/'));
    }
  });

  const ids = (items: readonly { id: string }[]) => items.map(({ id }) => id);

  test('topmost() has what was not seen in a folder that was listed to its end', () => {
    const { catalogue, absence } = listed(['0', null], ['10', null]);
    catalogue.record([
      knownItem({ id: '10', type: 'folder', lastSeen: 2 }),
      knownItem({ id: '1', lastSeen: 1 }),
      knownItem({ id: '2', parent: '10', lastSeen: 1 }),
      knownItem({ id: '3', parent: '10', lastSeen: 2 }),
    ]);
    assert.equal(ids(absence.topmost(2, null, 10)), ['1', '2']);
    assert.equal(ids(absence.topmost(2, { type: 'file', id: '1' }, 10)), ['2']);
  });

  test('a folder that was not listed to its end proves nothing', () => {
    const store = sqliteStore(':memory:');
    store.frontier.add([folder('0'), folder('10'), folder('11'), folder('12')]);
    const taken = new Map<string, FrontierFolder>();
    for (let next = store.frontier.take(); next !== undefined; next = store.frontier.take()) taken.set(next.id, next);
    store.frontier.pageSettled(taken.get('10')!, 'marker');
    store.frontier.unread(taken.get('11')!, 'HTTP 500');
    store.catalogue.record(['0', '10', '11', '12', '13'].map((parent) => knownItem({ id: `in ${parent}`, parent })));
    assert.equal(store.absence.topmost(2, null, 10), []);
  });

  test('the root of one user proves nothing about the root of another', () => {
    const { catalogue, absence } = listed(['0', 'u1']);
    catalogue.record([knownItem({ id: '1', viewer: 'u1' }), knownItem({ id: '2', viewer: 'u2' })]);
    assert.equal(ids(absence.topmost(2, null, 10)), ['1']);
    assert.equal(absence.departed(2), ['u2']);
    assert.equal(absence.viewers(), ['u1']);
  });

  test('condemn() takes all below that was not seen, and leaves what was moved out', () => {
    const { catalogue, absence } = listed(['0', null], ['20', null]);
    catalogue.record([
      knownItem({ id: '10', type: 'folder' }),
      knownItem({ id: '11', type: 'folder', parent: '10' }),
      knownItem({ id: '12', parent: '11' }),
      knownItem({ id: '13', parent: '20', lastSeen: 2 }),
      knownItem({ id: '20', type: 'folder', lastSeen: 2 }),
      knownItem({ id: '10', type: 'file', documentId: 'file_10', parent: '20', lastSeen: 2 }),
    ]);
    assert.equal(ids(absence.topmost(2, null, 10)), ['10']);
    absence.condemn({ type: 'folder', id: '10' }, { proof: 'trashed', run: 2, isSure: false });
    assert.equal(absence.countProven(), new Map([[null, 3]]));
    assert.equal(
      absence.condemned(null, 10).map(({ item, proof }) => [item.type, item.id, proof]),
      [
        ['folder', '10', 'trashed'],
        ['folder', '11', 'parent_gone'],
        ['file', '12', 'parent_gone'],
      ],
    );
  });

  test('condemnFiltered() takes what rules exclude and what is below pruned folders; spare() leaves just that', () => {
    const { catalogue, absence, frontier } = listed(['0', null]);
    frontier.prune([folder('30')]);
    catalogue.record([
      knownItem({ id: '1', lastSeen: 2, filtered: { rule: 'r', signature: 's' } }),
      knownItem({ id: '2', lastSeen: 2, filtered: { rule: 'r', signature: 's' }, version: null }),
      knownItem({ id: '30', type: 'folder', lastSeen: 2 }),
      knownItem({ id: '31', type: 'folder', parent: '30' }),
      knownItem({ id: '32', parent: '31' }),
      knownItem({ id: '4' }),
    ]);
    absence.condemnFiltered(2);
    absence.condemn({ type: 'file', id: '4' }, { proof: 'not_found', run: 2, isSure: false });
    assert.equal(absence.countProven(), new Map([[null, 1]]));
    absence.spare([null]);
    assert.equal(ids(absence.condemned(null, 10).map(({ item }) => item)), ['1', '31', '32']);
  });

  test('forget() takes what has no document any more, but no folder with documents left below it', () => {
    const { catalogue, absence } = listed(['0', null]);
    const gone = { version: null };
    catalogue.record([
      knownItem({ id: '10', type: 'folder', ...gone }),
      knownItem({ id: '11', type: 'folder', parent: '10', ...gone }),
      knownItem({ id: '12', parent: '11' }),
      knownItem({ id: '13', parent: '11', ...gone }),
      knownItem({ id: '14', type: 'folder', parent: '10', ...gone }),
      knownItem({ id: '20', ...gone }),
      knownItem({ id: '21', lastSeen: 2, filtered: { rule: 'r', signature: 's' } }),
    ]);
    absence.condemn({ type: 'folder', id: '10' }, { proof: 'trashed', run: 2, isSure: false });
    absence.condemnFiltered(2);
    catalogue.record([knownItem({ id: '21', lastSeen: 2, filtered: { rule: 'r', signature: 's' }, ...gone })]);
    absence.forget(2);
    const left = (all: readonly string[]) => all.filter((id) => catalogue.known([id]).size > 0);
    const all = ['10', '11', '12', '13', '14', '20', '21'];
    assert.equal(left(all), ['10', '11', '12', '20', '21']);
    catalogue.record([knownItem({ id: '12', parent: '11', ...gone })]);
    absence.forget(2);
    assert.equal(left(all), ['20', '21'], 'what is not condemned, or what a rule excludes in Box, stays known');
  });

  test('missed() is remembered until the item is seen again', () => {
    const { catalogue, absence } = listed(['0', null]);
    catalogue.record([knownItem({ id: '1' })]);
    assert.is(absence.topmost(2, null, 1)[0]?.missedBefore, false);
    absence.missed({ type: 'file', id: '1' }, 2, { at: 7, isComplete: true });
    assert.is(absence.topmost(2, null, 1)[0]?.missedBefore, false, 'the same run, gone on with, is no second one');
    assert.is(absence.topmost(3, null, 1)[0]?.missedBefore, true);
    catalogue.seen([{ type: 'file', id: '1' }], 3);
    assert.is(absence.topmost(4, null, 1)[0]?.missedBefore, false);
  });

  test('hasShown() and rootIsEmpty() look at one user and one run', () => {
    const { catalogue, absence } = listed(['0', 'u1']);
    catalogue.record([knownItem({ id: '1', viewer: 'u1', parent: '9', lastSeen: 2 })]);
    assert.is(absence.hasShown('u1', 2), true);
    assert.is(absence.hasShown('u1', 3), false);
    assert.is(absence.hasShown(null, 2), false);
    assert.is(absence.rootIsEmpty('u1', 2), true);
  });
});
