import { take } from 'rxjs';
import * as assert from 'uvu/assert';
import { AuthError, PermanentError, TransientError } from '../../src/core/errors.js';
import type { Found } from '../../src/sources/change.js';
import { enterpriseWalk } from '../../src/sources/enterprise-walk.js';
import type { Run } from '../../src/state/run.js';
import { sqliteStore } from '../../src/state/sqlite-store.js';
import { FakeBox, ownUser } from '../support/fake-box.js';
import { growTree } from '../support/grow-tree.js';
import { suite } from '../support/suite.js';
import { type RigOptions, startRun, SyncRig } from '../support/sync-rig.js';
import { keysOf, turns, walked, written } from '../support/walked.js';

suite('enterpriseWalk()', (test) => {
  const setUp = (rows = 10_000) => {
    const box = new FakeBox();
    const run = startRun(sqliteStore(':memory:'), { rows });
    box.user('u1');
    box.user('u2');
    return { box, run };
  };
  type Options = Parameters<typeof enterpriseWalk>[1];
  const walk = (box: FakeBox, run: Run, different: Partial<Options> = {}) =>
    enterpriseWalk(
      { box, run },
      { concurrency: 3, prunes: () => null, includes: () => true, ownRoot: true, ...different },
    );
  const seen = async (box: FakeBox, run: Run, different: Partial<Options> = {}) => {
    const changes = (await walked(walk(box, run, different))) as Found[];
    run.flush();
    return new Map(changes.map(({ item, seenAs, path }) => [item.id, `${seenAs ?? 'own'} ${path}`]));
  };
  const unread = (run: Run) => run.tally.report().unread.map(({ type, id }) => `${type} ${id}`.trim());

  test('a user over whom "includes" throws ends the run before anything is listed: nobody is left out by mistake', async () => {
    const { box, run } = setUp();
    const includes = ({ id }: { id: string }) => {
      if (id === 'u2') throw new Error('no such group');
      return true;
    };
    const failure: unknown = await walked(walk(box, run, { includes })).catch((error: unknown) => error);
    assert.instance(failure, PermanentError);
    assert.is(
      String(failure),
      'PermanentError: Cannot tell whether the user u2 is walked: "includes" failed with "no such group", expected true or false. Mend the function, and run again',
    );
    assert.equal([box.callsOf('folder').length, run.excludedViewers.size], [0, 0]);
  });

  test('a folder that strangers share, and one in it that they share too: each has one place, in each run', async () => {
    for (const [outer, inner] of [
      ['u1', 'u2'],
      ['u2', 'u1'],
      ['service', 'u1'],
      ['u1', 'service'],
    ] as const) {
      const rig = new SyncRig();
      const { box, index } = rig;
      box.user('u1');
      box.user('u2');
      const shared = box.folder('0', { owner: 'stranger', name: 'S', sharedWith: [outer] });
      const nested = box.folder(shared, { owner: 'stranger', name: 'T', sharedWith: [inner] });
      const file = box.file(nested, { owner: 'stranger', name: 'f.txt' });
      const report = await rig.sync({ enterprise: true });
      assert.equal([report.listed, report.written], [3, 3]);
      const paths = () => [shared, nested, file].map((id) => index.field(id, 'path'));
      const first = paths();
      assert.is(first[2], `${String(first[1])}/f.txt`, 'the file is below its folder');
      for (const concurrency of [1, 2, 5]) {
        const before = index.operations.length;
        const again = await rig.sync({ enterprise: true, concurrency });
        assert.equal([again.written, again.unchanged, index.operations.length - before], [0, 3, 0]);
        assert.equal(paths(), first);
      }
      assert.is(box.callsOf('item').length, 0, 'nobody has to be asked');
    }
  });

  test('is cold', () => {
    const { box, run } = setUp();
    walk(box, run);
    assert.is(box.calls.length, 0);
  });

  test('no items: one call for the users, and one for each root', async () => {
    const { box, run } = setUp();
    assert.is((await seen(box, run)).size, 0);
    assert.equal(box.calls.map(({ kind, asUser }) => `${kind} ${asUser ?? ''}`).sort(), [
      'folder ',
      'folder u1',
      'folder u2',
      'users ',
    ]);
  });

  test('each user sees the own items, and the service account its own', async () => {
    const { box, run } = setUp();
    const a = box.folder('0', { owner: 'u1', name: 'A' });
    const b = box.file(a, { name: 'b.txt' });
    const c = box.file('0', { owner: 'u2', name: 'c.txt' });
    const d = box.file('0', { name: 'd.txt' });
    assert.equal(
      await seen(box, run),
      new Map([
        [d, 'own /d.txt'],
        [c, 'u2 /c.txt'],
        [a, 'u1 /A'],
        [b, 'u1 /A/b.txt'],
      ]),
    );
    assert.is(run.ledger.outstanding, 0);
  });

  test('without ownRoot the service account is left out', async () => {
    const { box, run } = setUp();
    box.file('0');
    assert.is((await seen(box, run, { ownRoot: false })).size, 0);
    assert.is(box.callsOf('folder').length, 2);
  });

  test('all pages of the list of users are read', async () => {
    const { box, run } = setUp();
    box.usersPageSize = 2;
    for (let user = 3; user <= 7; user += 1) box.file('0', { owner: box.user(`u${user}`) });
    assert.is((await seen(box, run)).size, 5);
    assert.is(box.callsOf('users').length, 4);
  });

  test('a shared folder is listed once, as its owner, whoever comes first', async () => {
    for (const owner of ['u1', 'u2']) {
      const { box, run } = setUp();
      const shared = box.folder('0', { owner, name: 'S', sharedWith: ['u1', 'u2'].filter((user) => user !== owner) });
      const inside = box.file(shared, { name: 'x.txt' });
      const found = await seen(box, run);
      assert.equal([found.get(shared), found.get(inside)], [`${owner} /S`, `${owner} /S/x.txt`]);
      assert.is(found.size, 2);
      assert.equal(
        box.callsOf('folder', shared).map(({ asUser }) => asUser),
        [owner],
      );
      assert.is(run.tally.finalReport().listed, 2);
    }
  });

  test('what the own user of the token shares is left to the walk of its root, if that is walked', async () => {
    const share = (box: FakeBox) => {
      const shared = box.folder(box.folder('0', { name: 'Top' }), { name: 'S', sharedWith: ['u1'] });
      return [shared, box.file(shared, { name: 'x.txt' })] as const;
    };
    const known = setUp();
    const [shared, inside] = share(known.box);
    const found = await seen(known.box, known.run);
    assert.equal([found.get(shared), found.get(inside)], ['own /Top/S', 'own /Top/S/x.txt']);
    assert.equal([found.size, known.box.callsOf('item').length], [3, 0]);
    const unwalked = setUp();
    const [again] = share(unwalked.box);
    const others = await seen(unwalked.box, unwalked.run, { ownRoot: false });
    assert.is(others.get(again), 'u1 /S');
  });

  test('a folder deep in the tree of its owner is listed there, with the path of the owner', async () => {
    const { box, run } = setUp();
    const top = box.folder('0', { owner: 'u2', name: 'Top' });
    const shared = box.folder(top, { name: 'S', sharedWith: ['u1'] });
    const found = await seen(box, run);
    assert.is(found.get(shared), 'u2 /Top/S');
    assert.is(box.callsOf('folder', shared).length, 1);
  });

  for (const [what, spoil] of [
    ['refused', (box: FakeBox) => box.fail(({ asUser }) => asUser === 'u2', new PermanentError('401'))],
    ['failing', (box: FakeBox) => box.fail(({ asUser }) => asUser === 'u2', new TransientError('500'))],
  ] as const) {
    test(`an owner who is ${what}: reported, the others go on, what is shared is taken from its first viewer`, async () => {
      const { box, run } = setUp();
      box.user('u3');
      const mine = box.file('0', { owner: 'u1', name: 'a.txt' });
      const shared = box.folder('0', { owner: 'u2', name: 'S', sharedWith: ['u1', 'u3'] });
      const inside = box.file(shared, { name: 'x.txt' });
      const link = box.link('0', { owner: 'u2', name: 'L', sharedWith: ['u3'] });
      box.file('0', { owner: 'u2' });
      spoil(box);
      assert.equal(
        await seen(box, run),
        new Map([
          [mine, 'u1 /a.txt'],
          [shared, 'u1 /S'],
          [link, 'u3 /L'],
          [inside, 'u1 /S/x.txt'],
        ]),
      );
      assert.equal(unread(run), ['user u2']);
      assert.is(box.callsOf('folder', shared).length, 1);
      assert.is(run.tally.finalReport().listed, 4);
    });
  }

  test('an inactive user is not walked, and what it shares is listed as its viewer', async () => {
    const { box, run } = setUp();
    box.user('u3', 'inactive');
    const shared = box.folder('0', { owner: 'u3', name: 'S', sharedWith: ['u1'] });
    box.file('0', { owner: 'u3' });
    assert.equal(await seen(box, run), new Map([[shared, 'u1 /S']]));
    assert.equal(unread(run), []);
    assert.is(
      box.calls.some(({ asUser }) => asUser === 'u3'),
      false,
    );
  });

  test('a user who is not included is not walked', async () => {
    const { box, run } = setUp();
    box.file('0', { owner: 'u1', name: 'a.txt' });
    const kept = box.file('0', { owner: 'u2', name: 'b.txt' });
    assert.equal(await seen(box, run, { includes: ({ id }) => id !== 'u1' }), new Map([[kept, 'u2 /b.txt']]));
  });

  test('an item of somebody outside, in two roots, is listed once', async () => {
    const { box, run } = setUp();
    const outside = box.folder('0', { owner: 'stranger', name: 'S', sharedWith: ['u1', 'u2'] });
    box.file(outside);
    const found = await seen(box, run);
    assert.is(found.size, 2);
    assert.is(box.callsOf('folder', outside).length, 1);
    assert.is(run.tally.finalReport().listed, 2);
  });

  for (const [what, spoil, users] of [
    ['empty', (box: FakeBox) => ['u1', 'u2'].forEach((user) => box.userLeaves(user)), 0],
    ['refused', (box: FakeBox) => box.fail(({ kind }) => kind === 'users', new PermanentError('403')), 0],
    [
      'cut',
      (box: FakeBox) => box.fail(({ kind, marker }) => kind === 'users' && marker !== null, new TransientError('cut')),
      1,
    ],
    ['partly unreadable', (box: FakeBox) => box.userProblems.push('field "id" is missing, expected an id'), 2],
  ] as const) {
    test(`a list of users that is ${what} is reported as unread`, async () => {
      const { box, run } = setUp();
      box.usersPageSize = what === 'cut' ? 1 : 1_000;
      box.file('0', { owner: 'u1' });
      box.file('0', { owner: 'u2' });
      spoil(box);
      assert.is((await seen(box, run)).size, users);
      assert.equal(unread(run), ['users']);
    });
  }

  test('a refused sign-in is an error, of the list of users as of a folder', async () => {
    for (const kind of ['users', 'folder'] as const) {
      const { box, run } = setUp();
      box.fail((call) => call.kind === kind, new AuthError('401'));
      let caught: unknown;
      await walked(walk(box, run)).catch((error: unknown) => (caught = error));
      assert.instance(caught, AuthError);
      await turns(3);
      assert.is(box.underWay, 0);
    }
  });

  test('unsubscribing aborts at once, whatever is under way', async () => {
    for (const kind of ['users', 'folder'] as const) {
      const { box, run } = setUp();
      box.latency = (call) => (call.kind === kind ? 1_000 : 0);
      const subscription = walk(box, run).subscribe((envelope) => envelope.settle(written));
      await turns(5);
      subscription.unsubscribe();
      const under = box.callsOf(kind);
      assert.ok(under.length > 0 && under.every(({ signal }) => signal.aborted));
      const calls = box.calls.length;
      await turns(5);
      assert.equal([box.calls.length, box.underWay], [calls, 0]);
    }
  });

  test('what was left to owners who did not show it is taken in batches, each after room in the ledger', async () => {
    const { box, run } = setUp(7);
    const shared = Array.from({ length: 450 }, () => box.file('0', { owner: 'u2', sharedWith: ['u1'] }));
    box.fail(({ asUser }) => asUser === 'u2', new PermanentError('401'));
    let most = 0;
    let count = 0;
    await new Promise<void>((resolve, reject) => {
      walk(box, run).subscribe({
        next: (envelope) => {
          count += 1;
          most = Math.max(most, run.ledger.outstanding);
          setImmediate(() => envelope.settle(written));
        },
        error: reject,
        complete: resolve,
      });
    });
    await turns(2);
    assert.equal([count, run.ledger.outstanding], [shared.length, 0]);
    assert.ok(most <= 7);
  });

  test('what is odd about an item that was left to an owner who did not show it is said, once', async () => {
    for (const isShown of [false, true]) {
      const { box, run } = setUp();
      const shared = box.file('0', { owner: 'u2', name: 's.txt', sharedWith: ['u1'] });
      if (!isShown) box.fail(({ asUser }) => asUser === 'u2', new PermanentError('401'));
      const { listFolder } = box;
      const odd = [{ field: 'size', problem: 'field "size" is number -1, expected a whole number of bytes' }];
      box.listFolder = async (...args) => {
        const page = await listFolder(...args);
        return { ...page, entries: page.entries.map((entry) => ('item' in entry ? { ...entry, odd } : entry)) };
      };
      assert.equal([...(await seen(box, run)).keys()], [shared]);
      const [line = '', ...rest] = run.oddities.lines();
      assert.match(line, /^Cannot use field "size" of one item: .* "\/s\.txt": field "size" is number -1/);
      assert.is(rest.length, 0);
    }
  });

  test('a folder that was left to its owner and is pruned at its viewer is not walked, and noted as pruned', async () => {
    const { box, run } = setUp();
    const shared = box.folder('0', { owner: 'u2', name: 'S', sharedWith: ['u1'] });
    box.file(shared);
    box.fail(({ asUser }) => asUser === 'u2', new PermanentError('401'));
    assert.equal([...(await seen(box, run, { prunes: (path) => (path === '/S' ? 'r' : null) })).keys()], [shared]);
    assert.is(box.callsOf('folder', shared).length, 0);
    run.frontier.add([{ id: shared, viewer: 'u1', path: '/S', ancestors: ['0'] }]);
    assert.is(run.frontier.take(), undefined);
  });

  for (const owner of ['u2', ownUser]) {
    test(`what ${owner} shares from a folder that a rule excludes is excluded in the root of its viewer too`, async () => {
      const rig = new SyncRig();
      const { box, index } = rig;
      box.user('u1');
      box.user('u2');
      const top = box.folder('0', { owner, name: 'Top' });
      const shared = box.folder(box.folder(top, { name: 'A' }), { name: 'S', sharedWith: ['u1'] });
      box.file(shared, { name: 'x.txt' });
      box.file(top, { name: 'f.txt', sharedWith: ['u1'] });
      const elsewhere = box.folder('0', { owner: 'stranger', name: 'T', sharedWith: ['u1'] });
      const options: RigOptions = {
        enterprise: true,
        syncRules: [{ id: 'r', order: 1, policy: 'exclude', field: 'path', rule: 'starts_with', value: '/Top/' }],
      };
      await rig.sync(options);
      assert.equal([...index.documents.keys()].sort(), [top, elsewhere].sort());
      const calls = box.calls.length;
      await rig.sync(options);
      assert.equal(index.documents.size, 2);
      assert.equal(box.callsOf('folder', shared).length, 0);
      assert.ok(box.calls.length - calls <= 10, 'two questions for each that is shared');
      // Without the rule they are what they always were.
      await rig.sync({ enterprise: true });
      assert.equal(index.documents.size, box.keys().length);
      assert.is(index.field(shared, 'path'), '/Top/A/S');
      await rig.sync(options);
      assert.equal([...index.documents.keys()].sort(), [top, elsewhere].sort());
    });
  }

  test('items that appear in several roots with several types under one number keep documents of their own', async () => {
    const { box, run } = setUp();
    box.file('0', { id: '5', owner: 'u1' });
    box.folder('0', { id: '5', owner: 'u2' });
    const changes = (await walked(walk(box, run))) as Found[];
    assert.is(new Set(changes.map(({ documentId }) => documentId)).size, 2);
  });

  test('a random enterprise: everything once, as its owner, one call a folder', async () => {
    for (let seed = 1; seed <= 10; seed += 1) {
      const { box, run } = setUp(25);
      const owners = ['u1', 'u2', box.user('u3'), 'service'];
      box.pageSize = 10;
      growTree(box, { folders: 15, files: 120, seed, owners });
      const changes = (await walked(walk(box, run))) as Found[];
      run.flush();
      assert.equal(keysOf(changes).sort(), box.keys().sort(), `seed ${seed}`);
      const paths = changes.map(({ item, path }) => [`${item.type} ${item.id}`, path]);
      assert.equal(paths.sort(), [...box.paths()].sort());
      assert.ok(changes.every(({ item, seenAs }) => item.owned_by?.id === (seenAs ?? 'service')));
      assert.equal([run.ledger.outstanding, run.frontier.remaining()], [0, 0]);
    }
  });

  test('take(1) ends it: nothing goes on behind', async () => {
    const { box, run } = setUp();
    box.files('0', 3, { owner: 'u1' });
    const changes = await walked(walk(box, run).pipe(take(1)));
    assert.is(changes.length, 1);
    await turns(5);
    assert.is(box.underWay, 0);
  });
});
