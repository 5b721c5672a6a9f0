import * as assert from 'uvu/assert';
import type { FrontierFolder } from '../../src/state/frontier.js';
import { sqliteStore } from '../../src/state/sqlite-store.js';
import { suite } from '../support/suite.js';

suite('Frontier in SQLite', (test) => {
  const open = () => sqliteStore(':memory:').frontier;
  const folder = (id: string, viewer: string | null = null, path = '') => ({
    id,
    viewer,
    path,
    ancestors: path === '' ? [] : ['0'],
  });
  const takeAll = (frontier: ReturnType<typeof open>): FrontierFolder[] => {
    const taken: FrontierFolder[] = [];
    for (let next = frontier.take(); next !== undefined; next = frontier.take()) taken.push(next);
    return taken;
  };

  test('takes viewers in turn, and within a viewer the newest folder first', () => {
    const frontier = open();
    frontier.add([folder('0', 'u1'), folder('0', 'u2')]);
    frontier.add([folder('a', 'u1', '/a'), folder('b', 'u1', '/b'), folder('c', 'u2', '/c')]);
    assert.equal(
      takeAll(frontier).map(({ id, viewer }) => `${viewer ?? ''}:${id}`),
      ['u1:b', 'u2:c', 'u1:a', 'u2:0', 'u1:0'],
    );
  });

  test('takes each folder once, whoever adds it again', () => {
    const frontier = open();
    frontier.add([folder('a', 'u1', '/a'), folder('a', 'u2', '/a')]);
    assert.is(takeAll(frontier).length, 1);
    frontier.add([folder('a', 'u1', '/a')]);
    assert.is(frontier.take(), undefined);
  });

  test('roots of different viewers are different folders', () => {
    const frontier = open();
    frontier.add([folder('0'), folder('0', 'u1'), folder('0', 'u2'), folder('0', 'u2')]);
    assert.is(takeAll(frontier).length, 3);
  });

  test('keeps path and ancestors', () => {
    const frontier = open();
    frontier.add([{ id: 'x', viewer: null, path: '/A "b"/\n☃', ancestors: ['0', '11', '12'] }]);
    const taken = frontier.take();
    assert.is(taken?.path, '/A "b"/\n☃');
    assert.equal(taken?.ancestors, ['0', '11', '12']);
    assert.is(taken?.marker, null);
  });

  test('resume() begins each folder at its last settled page, and leaves out what is done', () => {
    const frontier = open();
    frontier.add([folder('a', null, '/a'), folder('b', null, '/b'), folder('c', null, '/c')]);
    const [c, b] = takeAll(frontier);
    frontier.pageListed(c!, null, [folder('d', null, '/c/d')]);
    frontier.pageSettled(c!, null);
    frontier.pageListed(b!, 'm1', []);
    frontier.pageSettled(b!, 'm1');
    frontier.pageListed(b!, 'm2', []);
    frontier.resume();
    assert.equal(
      takeAll(frontier).map(({ id, marker }) => [id, marker]),
      [
        ['d', null],
        ['b', 'm1'],
        ['a', null],
      ],
    );
  });

  test('resume() tries again what could not be read', () => {
    const frontier = open();
    frontier.add([folder('a', null, '/a')]);
    frontier.unread(frontier.take()!, 'HTTP 500');
    assert.is(frontier.remaining(), 0);
    frontier.resume();
    assert.is(frontier.take()?.id, 'a');
  });

  test('a pruned folder is not taken, even if another way leads to it', () => {
    const frontier = open();
    frontier.prune([folder('p', null, '/p')]);
    frontier.add([folder('p', null, '/q/p')]);
    assert.is(frontier.take(), undefined);
  });

  test('deferred entries come back in the order of their sighting, the first viewer of each', () => {
    const frontier = open();
    const entry = (viewer: string, id: string) => ({ viewer, type: 'folder', id, entry: { id, of: viewer } });
    frontier.defer([entry('u1', 'x'), entry('u2', 'y')]);
    frontier.defer([entry('u3', 'x'), entry('u3', 'z')]);
    const first = frontier.deferred(0, 2);
    const rest = frontier.deferred(first.at(-1)!.seq, 2);
    assert.equal(
      [...first, ...rest].map(({ viewer, id, entry: kept }) => [viewer, id, kept]),
      [
        ['u1', 'x', { id: 'x', of: 'u1' }],
        ['u2', 'y', { id: 'y', of: 'u2' }],
        ['u3', 'z', { id: 'z', of: 'u3' }],
      ],
    );
  });

  test('clear() forgets the run', () => {
    const frontier = open();
    frontier.add([folder('a', null, '/a')]);
    frontier.clear();
    assert.is(frontier.take(), undefined);
    assert.is(frontier.remaining(), 0);
  });
});
