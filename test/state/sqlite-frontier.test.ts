import fc from 'fast-check';
import * as assert from 'uvu/assert';
import type { Frontier, FrontierFolder, NewDeferred, NewFolder, TopFolder } from '../../src/state/frontier.js';
import { catalogueSchema } from '../../src/state/sqlite-catalogue.js';
import { openSqlite } from '../../src/state/sqlite-database.js';
import { frontierSchema, frontierSchema2, sqliteFrontier } from '../../src/state/sqlite-frontier.js';
import { runSchema } from '../../src/state/sqlite-runs.js';
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
  const openDb = () => {
    const db = openSqlite(':memory:', { ifDamaged: 'Delete it' });
    db.exec(`${catalogueSchema} ${runSchema} ${frontierSchema} ${frontierSchema2}`);
    return db;
  };
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

  const listed = (above: FrontierFolder, id: string, name = id): NewFolder => ({
    id,
    viewer: above.viewer,
    above,
    name,
  });

  test('a folder that another has shown is at the place of that one, whatever names and ids hold', () => {
    const frontier = open();
    frontier.add([{ id: 'x', viewer: 'u1', path: '/A', ancestors: ['0', '1/2'] }]);
    const top = frontier.take()!;
    frontier.pageListed(top, null, [listed(top, 'y/z', 'B "b"/\n☃')]);
    const below = frontier.take()!;
    frontier.pageListed(below, null, [listed(below, 'c')]);
    const { id, viewer, path, ancestors } = frontier.take()!;
    assert.equal([id, viewer, path, ancestors], ['c', 'u1', '/A/B "b"/\n☃/c', ['0', '1/2', 'x', 'y/z']]);
  });

  test('a folder that is shown again, moved or under another name: what is below it goes with it, taken or not', () => {
    const db = openDb();
    const frontier = sqliteFrontier(db);
    frontier.add([folder('0')]);
    const root = frontier.take()!;
    frontier.pageListed(root, null, [listed(root, 'a'), listed(root, 'b')]);
    const b = frontier.take()!;
    frontier.pageListed(b, null, [listed(b, 'c')]);
    const c = frontier.take()!;
    frontier.pageListed(c, null, [listed(c, 'd')]);
    const a = frontier.take()!;
    assert.is(a.path, '/b/c/d');
    frontier.pageListed(root, null, [listed(root, 'a'), listed(root, 'b', 'B')]);
    assert.equal([c.path, a.path], ['/B/c', '/B/c/d']);
    frontier.pageListed(root, null, [listed(root, 'c', 'C')]);
    assert.equal([a.path, a.ancestors], ['/C/d', ['0', 'c']]);
    assert.is(frontier.take()?.id, 'a', 'none of them is listed again');
    const again = sqliteFrontier(db);
    again.resume();
    const paths = takeAll(again).map((one) => one.path);
    assert.equal(paths.sort(), ['', '/B', '/C', '/C/d', '/a']);
  });

  test('age(): what was never listed comes first, the rest as listings show it, under its name of now', () => {
    const store = sqliteStore(':memory:');
    const { frontier } = store;
    frontier.add([folder('0')]);
    const root = frontier.take()!;
    frontier.pageListed(root, null, [listed(root, 'a'), listed(root, 'gone'), listed(root, 'b')]);
    frontier.pageSettled(root, null);
    const b = frontier.take()!;
    frontier.pageListed(b, null, [listed(b, 'c')]);
    frontier.pageSettled(b, null);
    frontier.pageListed(frontier.take()!, null, []);
    frontier.pageSettled(frontier.take()!, null);
    frontier.resume();
    frontier.age();
    assert.equal([frontier.waiting(), frontier.remaining()], [2, 5]);
    const first = takeAll(frontier);
    assert.equal(
      first.map(({ path }) => path),
      ['/b/c', '/a'],
    );
    frontier.pageSettled(first[0]!, null);
    frontier.add([folder('0')]);
    const again = frontier.take()!;
    frontier.pageListed(again, null, [listed(again, 'a', 'A'), listed(again, 'b', 'B')]);
    assert.is(frontier.take()?.path, '/B');
    frontier.pageListed(b, null, [listed(b, 'c')]);
    assert.is(frontier.take()?.path, '/B/c', 'listed under the name from before');
    assert.is(frontier.take(), undefined, '"a" is still being listed');
    frontier.pageSettled(first[1]!, null);
    assert.is(frontier.take()?.path, '/A', 'at its end it is listed once more');
    frontier.dropAged();
    assert.is(store.absence.placeOf(['0', 'gone']), 'unknown');
    store.close();
  });

  test('a folder that is gone where it hung, and shown to somebody else, is listed there from its beginning', () => {
    for (const order of ['shown first', 'gone first'] as const) {
      const store = sqliteStore(':memory:');
      const { frontier } = store;
      frontier.add([folder('x', 'u1', '/X')]);
      const taken = frontier.take()!;
      frontier.pageSettled(taken, 'm2');
      const steps = [
        () => frontier.add([folder('x', 'u2', '/Y')]),
        () => {
          frontier.gone(taken, 'not_found');
        },
      ];
      for (const step of order === 'shown first' ? steps : steps.reverse()) step();
      const { viewer, path, marker } = frontier.take()!;
      assert.equal({ viewer, path, marker }, { viewer: 'u2', path: '/Y', marker: null }, order);
      assert.equal(store.absence.goneFolders(0, 10).length, 0);
      store.close();
    }
  });

  test('age(): a folder that was listed as one user and is then shown to another is listed once more', () => {
    const frontier = open();
    frontier.add([folder('x', 'u1', '/X'), folder('y', 'u1', '/Y')]);
    frontier.pageSettled(frontier.take()!, null);
    frontier.age();
    frontier.add([folder('x', 'u1', '/X'), folder('y', 'u1', '/Y')]);
    for (const taken of takeAll(frontier)) frontier.pageSettled(taken, null);
    frontier.add([folder('x', 'u2', '/X'), folder('y', 'u1', '/Y')]);
    assert.equal(
      takeAll(frontier).map(({ id, viewer }) => `${viewer ?? ''} ${id}`),
      ['u2 x'],
    );
  });

  test('two folders that two listings show in one another: the first place stands', () => {
    const frontier = open();
    frontier.add([folder('0')]);
    const root = frontier.take()!;
    frontier.pageListed(root, null, [listed(root, 'a')]);
    const a = frontier.take()!;
    frontier.pageListed(a, null, [listed(a, 'b')]);
    const b = frontier.take()!;
    frontier.pageListed(b, null, [listed(b, 'a')]);
    assert.equal([a.path, b.path], ['/a', '/a/b']);
  });

  for (const [shape, deep] of [
    ['1,000 folders in one another', true],
    ['1,000 folders in one', false],
  ] as const) {
    test(`${shape}, with names of 250 characters: 300 bytes of state for each beside its name, also after a restart`, () => {
      const db = openDb();
      let frontier = sqliteFrontier(db);
      frontier.add([folder('0', '20000000001')]);
      let above = frontier.take()!;
      for (let made = 0; made < 1_000; made += 1) {
        const id = String(300_000_000_000 + made);
        frontier.pageListed(above, null, [listed(above, id, `${made} `.padEnd(250, 'x'))]);
        if (deep) above = frontier.take()!;
      }
      const [[pages], [size]] = [db.prepare('PRAGMA page_count'), db.prepare('PRAGMA page_size')].map(
        (one) => one.raw(true).all()[0] as [number],
      ) as [[number], [number]];
      assert.ok(pages * size <= 1_000 * (300 + 250), `${pages * size} bytes`);
      frontier = sqliteFrontier(db);
      frontier.resume();
      const last = frontier.take();
      assert.is(last?.path.length, (deep ? 1_000 : 1) * 251);
      assert.is(last?.ancestors.length, deep ? 1_000 : 1);
    });
  }

  test('the deepest of 20,000 folders in one another has its place, after a restart as well', () => {
    const db = openDb();
    const frontier = sqliteFrontier(db);
    frontier.add([folder('0')]);
    let above = frontier.take()!;
    for (let made = 0; made < 20_000; made += 1) {
      frontier.pageListed(above, null, [listed(above, `f${made}`, 'n')]);
      above = frontier.take()!;
    }
    const again = sqliteFrontier(db);
    again.resume();
    assert.equal([above.path.length, again.take()?.path.length], [40_000, 40_000]);
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

  test('pages listed and settled, refusals, crashes and new beginnings in any order: it is what a plain list would be', () => {
    interface Entry {
      folder: TopFolder;
      state: 'waiting' | 'listing' | 'settled' | 'unread' | 'pruned' | 'gone';
      marker: string | null;
    }
    interface Model {
      /** Every folder of the run, in the order of its row. */
      entries: Entry[];
      deferred: NewDeferred[];
      /** Viewers in the order of their turns. */
      turns: string[];
    }
    interface Real {
      frontier: Frontier;
      /** What another process would open after this one was killed. */
      readonly reopen: () => Frontier;
      /** What was taken, by key. */
      readonly taken: Map<string, FrontierFolder>;
    }
    type Command = fc.Command<Model, Real>;
    const keyOf = ({ id, viewer }: NewFolder) => (id === '0' ? `0 ${viewer ?? ''}` : id);
    const inState = ({ entries }: Model, state: Entry['state']) => entries.filter((entry) => entry.state === state);
    const pick = <T>(values: readonly T[], dice: number): T => values[dice % values.length] as T;
    const put = (model: Model, folders: readonly TopFolder[], state: 'waiting' | 'pruned') => {
      for (const one of folders) {
        const known = model.entries.find(({ folder: other }) => keyOf(other) === keyOf(one));
        if (known === undefined) model.entries.push({ folder: one, state, marker: null });
        else if (state === 'waiting' && known.state !== 'pruned') {
          if (known.state === 'gone') Object.assign(known, { state: 'waiting', marker: null });
          const viewer = ['waiting', 'listing'].includes(known.state) ? one.viewer : known.folder.viewer;
          known.folder = { ...one, viewer };
        }
      }
    };
    const join = (model: Model, viewers: readonly string[]) => {
      for (const viewer of viewers) if (!model.turns.includes(viewer)) model.turns.push(viewer);
    };
    const command = (name: string, isPossible: (model: Model) => boolean, run: Command['run']): Command => ({
      check: isPossible,
      run: (model, real) => {
        run(model, real);
        const [waiting, listing] = [inState(model, 'waiting').length, inState(model, 'listing').length];
        assert.equal([real.frontier.waiting(), real.frontier.remaining()], [waiting, waiting + listing]);
        assert.equal(
          real.frontier.deferred(0, 100).map(({ viewer, id }) => [viewer, id]),
          model.deferred.map(({ viewer, id }) => [viewer, id]),
        );
      },
      toString: () => name,
    });
    const ids = fc.integer({ min: 1, max: 12 }).map(String);
    const viewers = fc.constantFrom(null, 'u1', 'u2', 'u3');
    const folders = fc.array(
      fc.oneof(
        viewers.map((viewer) => folder('0', viewer)),
        fc.tuple(ids, viewers).map(([id, viewer]) => folder(id, viewer, `/${id}`)),
      ),
      { maxLength: 4 },
    );
    const dice = fc.nat({ max: 50 });
    const add = (some: readonly TopFolder[]) =>
      command(
        `add ${some.map(keyOf).join()}`,
        () => true,
        (model, { frontier }) => {
          put(model, some, 'waiting');
          join(
            model,
            some.map(({ viewer }) => viewer ?? ''),
          );
          frontier.add(some);
        },
      );
    const prune = (some: readonly TopFolder[]) =>
      command(
        `prune ${some.map(keyOf).join()}`,
        () => true,
        (model, { frontier }) => {
          put(model, some, 'pruned');
          frontier.prune(some);
        },
      );
    const take = command(
      'take',
      () => true,
      (model, { frontier, taken }) => {
        let expected: Entry | undefined;
        for (let viewer = model.turns.shift(); viewer !== undefined; viewer = model.turns.shift()) {
          const own = inState(model, 'waiting').filter(({ folder: one }) => (one.viewer ?? '') === viewer);
          expected = own.at(-1);
          if (expected === undefined) continue;
          model.turns.push(viewer);
          break;
        }
        const got = frontier.take();
        assert.is(
          got === undefined ? undefined : keyOf(got),
          expected === undefined ? undefined : keyOf(expected.folder),
        );
        if (got === undefined || expected === undefined) return;
        const { id, viewer, path, ancestors, marker } = got;
        assert.equal({ id, viewer, path, ancestors, marker }, { ...expected.folder, marker: expected.marker });
        expected.state = 'listing';
        taken.set(keyOf(got), got);
      },
    );
    const one = (
      name: string,
      at: number,
      run: (entry: Entry, taken: FrontierFolder, model: Model, frontier: Frontier) => void,
    ) =>
      command(
        `${name} of folder ${at}`,
        (model) => inState(model, 'listing').length > 0,
        (model, { frontier, taken }) => {
          const entry = pick(inState(model, 'listing'), at);
          run(entry, taken.get(keyOf(entry.folder)) as FrontierFolder, model, frontier);
        },
      );
    const pageListed = (at: number, children: readonly TopFolder[]) =>
      one('page listed', at, (_, taken, model, frontier) => {
        put(model, children, 'waiting');
        join(
          model,
          children.map(({ viewer }) => viewer ?? ''),
        );
        frontier.pageListed(taken, 'listed, not settled', children);
      });
    const pageSettled = (at: number, next: string | null) =>
      one('page settled', at, (entry, taken, _, frontier) => {
        if (next === null) entry.state = 'settled';
        else entry.marker = next;
        frontier.pageSettled(taken, next);
      });
    const unread = (at: number) =>
      one('unread', at, (entry, taken, _, frontier) => {
        entry.state = 'unread';
        frontier.unread(taken, 'HTTP 500');
      });
    const gone = (at: number) =>
      one('gone', at, (entry, taken, model, frontier) => {
        // Shown to somebody else meanwhile: there it is looked for.
        const isElsewhere = taken.viewer !== entry.folder.viewer;
        Object.assign(entry, isElsewhere ? { state: 'waiting', marker: null } : { state: 'gone' });
        if (isElsewhere) join(model, [entry.folder.viewer ?? '']);
        frontier.gone(taken, 'not_found');
      });
    const defer = (viewer: string | null, id: string) =>
      command(
        `defer ${id}`,
        () => true,
        (model, { frontier }) => {
          const entry = { viewer, type: 'file', id, entry: { id } };
          if (!model.deferred.some((other) => other.id === id)) model.deferred.push(entry);
          frontier.defer([entry]);
        },
      );
    const resumed = (model: Model) => {
      for (const entry of model.entries) {
        if (['listing', 'unread', 'gone'].includes(entry.state)) entry.state = 'waiting';
      }
      model.turns = [...new Set(inState(model, 'waiting').map(({ folder: { viewer } }) => viewer ?? ''))].sort();
    };
    const crash = command(
      'crash and resume',
      () => true,
      (model, real) => {
        resumed(model);
        real.taken.clear();
        real.frontier = real.reopen();
        real.frontier.resume();
      },
    );
    const clear = command(
      'clear',
      () => true,
      (model, { frontier, taken }) => {
        Object.assign(model, { entries: [], deferred: [], turns: [] });
        taken.clear();
        frontier.clear();
      },
    );
    fc.assert(
      fc.property(
        fc.commands(
          [
            folders.map(add),
            folders.map(prune),
            fc.constant(take),
            fc.constant(take),
            fc.constant(take),
            fc.tuple(dice, folders).map(([at, children]) => pageListed(at, children)),
            fc.tuple(dice, fc.constantFrom(null, 'm1', 'm2')).map(([at, next]) => pageSettled(at, next)),
            dice.map(unread),
            dice.map(gone),
            fc.tuple(viewers, ids).map(([viewer, id]) => defer(viewer, id)),
            fc.constant(crash),
            fc.integer({ min: 0, max: 9 }).map((at) => (at === 0 ? clear : take)),
          ],
          { size: 'large' },
        ),
        (commands) => {
          fc.modelRun(() => {
            const db = openDb();
            const reopen = () => sqliteFrontier(db);
            return {
              model: { entries: [], deferred: [], turns: [] },
              real: { frontier: reopen(), reopen, taken: new Map<string, FrontierFolder>() },
            };
          }, commands);
        },
      ),
      { numRuns: 60 },
    );
  });
});
