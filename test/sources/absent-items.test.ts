import * as assert from 'uvu/assert';
import { AuthError, PermanentError, TransientError } from '../../src/core/errors.js';
import { lastValueFrom } from 'rxjs';
import type { Gone } from '../../src/sources/change.js';
import { absentItems } from '../../src/sources/absent-items.js';
import { folderWalk } from '../../src/sources/folder-walk.js';
import { suite } from '../support/suite.js';
import { startRun, SyncRig, type RigOptions } from '../support/sync-rig.js';
import { turns, walked } from '../support/walked.js';

suite('absentItems()', (test) => {
  /** A tree that has been synced: `/A/a.txt`, `/A/b.txt`, `/c.txt`, and what `more` adds. */
  const synced = async (more: (rig: SyncRig, folder: string) => void = () => {}, options: RigOptions = {}) => {
    const rig = new SyncRig();
    const { box } = rig;
    const folder = box.folder('0', { name: 'A' });
    const [a, b] = [box.file(folder, { name: 'a.txt' }), box.file(folder, { name: 'b.txt' })];
    const c = box.file('0', { name: 'c.txt' });
    more(rig, folder);
    await rig.sync(options);
    box.calls.length = 0;
    rig.index.operations.length = 0;
    return { rig, box, index: rig.index, folder, a: a, b, c };
  };
  const proofs = ({ box }: Pick<SyncRig, 'box'>) =>
    box.callsOf('item').map(({ id, asUser }) => `${id} ${asUser ?? ''}`.trim());

  test('nothing is missing: no call, no delete', async () => {
    const { rig, box } = await synced();
    const report = await rig.sync();
    assert.equal([report.deleted, report.deletesPending, proofs({ box })], [0, 0, []]);
  });

  test('the first run of all has nothing to miss', async () => {
    const rig = new SyncRig();
    assert.equal((await rig.sync()).deleted, 0);
  });

  for (const state of ['trashed', 'not_found'] as const) {
    test(`a file that is ${state} is deleted and forgotten, for one call`, async () => {
      const { rig, box, index, a } = await synced();
      box.remove('file', a, state);
      const report = await rig.sync();
      assert.equal([report.deleted, report.listed, index.log()], [1, 3, [`delete ${a}`]]);
      assert.equal(proofs({ box }), [`file ${a}`]);
      assert.is(rig.store.catalogue.known([a]).size, 0);
      const calls = box.calls.length;
      assert.equal((await rig.sync()).deleted, 0);
      assert.is(box.calls.length - calls, 2, 'it is not asked about again');
    });
  }

  test('a folder that is gone takes all below it along, for one call', async () => {
    const { rig, box, index, folder, a, b, c } = await synced(({ box: there }, inside) => {
      const deep = there.folder(inside);
      there.files(deep, 5);
    });
    box.remove('folder', folder);
    assert.is((await rig.sync()).deleted, 9);
    assert.equal(proofs({ box }), [`folder ${folder}`]);
    assert.equal([...index.documents.keys()], [c]);
    assert.ok(index.log().includes(`delete ${a}`) && index.log().includes(`delete ${b}`));
  });

  test('emits the proof with each', async () => {
    const { rig, box, folder } = await synced();
    box.remove('folder', folder);
    const run = startRun(rig.store);
    await walked(folderWalk({ box, run }, { concurrency: 1, prunes: () => null }));
    const gone = (await walked(absentItems({ box, run }, { maxShare: 1, proofCalls: 0 }))) as Gone[];
    assert.equal(
      gone.map(({ kind, type, proof }) => `${kind} ${type} ${proof}`),
      ['gone folder trashed', 'gone file parent_gone', 'gone file parent_gone'],
    );
    assert.is(run.ledger.outstanding, 0);
  });

  test('what Box still has is kept, though its folder did not show it', async () => {
    const { rig, box, index, a } = await synced();
    const listFolder = box.listFolder;
    box.listFolder = async (...args) => {
      const page = await listFolder(...args);
      return { ...page, entries: page.entries.filter((entry) => !('item' in entry && entry.item.id === a)) };
    };
    const report = await rig.sync();
    assert.equal([report.deleted, report.deletesPending, index.documents.has(a)], [0, 0, true]);
    assert.equal(proofs({ box }), [`file ${a}`]);
  });

  test('what was moved is found where it is now', async () => {
    const { rig, box, index, a } = await synced();
    box.move('file', a, '0');
    const report = await rig.sync();
    assert.equal([report.deleted, report.written, index.log()], [0, 1, [`update ${a}`]]);
    assert.is(index.field(a, 'path'), '/a.txt');
    assert.equal(proofs({ box }), []);
  });

  test('a folder that moves, during the walk, to where the walk has been already is kept with all below it', async () => {
    let from = '';
    let moving = '';
    let to = '';
    // The newest folder is listed first: `to` before `from`.
    const { rig, box, index } = await synced(({ box: there }) => {
      from = there.folder('0');
      moving = there.folder(from, { name: 'M' });
      there.files(moving, 5);
      to = there.folder('0', { name: 'T' });
    });
    const before = index.documents.size;
    box.after = ({ kind, id }) => {
      if (kind === 'folder' && id === to) box.move('folder', moving, to);
    };
    const report = await rig.sync({ concurrency: 1 });
    assert.equal([report.deleted, report.deletesPending, index.documents.size], [0, 0, before]);
    assert.equal(proofs({ box }), [`folder ${moving}`], 'no listing has shown it');
    assert.is((await rig.sync()).deleted, 0);
    assert.equal([index.field(moving, 'path'), index.documents.size], ['/T/M', before]);
  });

  test('what is below a folder that cannot be read stays, and is not asked about', async () => {
    const { rig, box, index, folder, a } = await synced();
    box.remove('file', a);
    box.fail(({ kind, id }) => kind === 'folder' && id === folder, new TransientError('500'));
    const report = await rig.sync();
    assert.equal([report.deleted, report.unread.length, index.documents.has(a)], [0, 1, true]);
    assert.equal(proofs({ box }), []);
    box.mend();
    assert.is((await rig.sync()).deleted, 1);
  });

  test('with something unread a leaf that is gone goes, a folder with items below it waits', async () => {
    let other = '';
    const { rig, box, folder, c } = await synced(({ box: there }) => (other = there.folder('0')));
    box.remove('file', c);
    box.remove('folder', folder);
    box.fail(({ kind, id }) => kind === 'folder' && id === other, new PermanentError('403'));
    const report = await rig.sync();
    assert.equal([report.deleted, report.deletesPending], [1, 3]);
    box.mend();
    assert.is((await rig.sync()).deleted, 3);
  });

  test('a proof that cannot be had leaves the document, and the next run asks again', async () => {
    for (const error of [new TransientError('500'), new PermanentError('403')]) {
      const { rig, box, index, a } = await synced();
      box.remove('file', a);
      box.fail(({ kind }) => kind === 'item', error, 1);
      const report = await rig.sync();
      assert.equal([report.deleted, report.deletesPending, index.documents.has(a)], [0, 1, true]);
      assert.is((await rig.sync()).deleted, 1);
    }
  });

  test('a refused sign-in is an error and deletes nothing', async () => {
    const { rig, box, index, a, c } = await synced();
    box.remove('file', a);
    box.remove('file', c);
    box.fail(({ kind, id }) => kind === 'item' && id === `file ${c}`, new AuthError('401'));
    let caught: unknown;
    await rig.sync().catch((error: unknown) => (caught = error));
    assert.instance(caught, AuthError);
    assert.equal(index.log(), []);
  });

  test('a root that had items and lists none: only what is in the trash goes, the rest is held', async () => {
    const { rig, box, index, folder, c } = await synced();
    box.remove('folder', folder, 'not_found');
    box.remove('file', c);
    const report = await rig.sync({ maxShare: 0.99 });
    assert.equal([report.deleted, report.deletesHeld, index.log()], [1, 3, [`delete ${c}`]], 'a folder with two files');
    const again = await rig.sync({ maxShare: 0.99 });
    assert.equal([again.deleted, again.deletesHeld], [0, 3], 'however often it is missed');
    assert.is((await rig.sync({ maxShare: 1 })).deleted, 3, 'until the user allows it');
    assert.is(index.documents.size, 0);
  });

  test('more than maxShare: none is deleted, all are reported as held; allowed, all go', async () => {
    const { rig, box, index } = await synced(({ box: there }) => {
      there.files(there.folder('0', { id: 'big', name: 'Big' }), 8);
    });
    box.remove('folder', 'big');
    const held = await rig.sync({ maxShare: 0.5, always: 3 });
    assert.equal([held.deleted, held.deletesHeld, index.log()], [0, 9, []]);
    const again = await rig.sync({ maxShare: 0.5, always: 9 });
    assert.equal([again.deleted, again.deletesHeld], [9, 0], '`always` may go whatever their share');
  });

  test('exactly maxShare is not more', async () => {
    const { rig, box } = await synced();
    box.remove('file', '1002');
    assert.is((await rig.sync({ maxShare: 0.25, always: 0 })).deleted, 1);
  });

  test('what sync rules exclude goes without proof, and does not count for maxShare', async () => {
    const { rig, box, index, folder, a, b, c } = await synced();
    const excludes = [
      { id: 'r', order: 0, policy: 'exclude', field: 'path', rule: 'starts_with', value: '/A/' } as const,
    ];
    const report = await rig.sync({ syncRules: excludes, maxShare: 0, always: 0 });
    assert.equal([report.deleted, report.deletesHeld, index.log().sort()], [2, 0, [`delete ${a}`, `delete ${b}`]]);
    assert.equal([...index.documents.keys()].sort(), [folder, c].sort());
    assert.equal(proofs({ box }), []);
    assert.is(box.callsOf('folder', folder).length, 0, 'the folder is not walked');
    assert.is((await rig.sync({ syncRules: excludes })).deleted, 0);
    assert.equal((await rig.sync()).written, 2, 'without the rule they come back');
  });

  test('what was moved to where a rule keeps the walk from looking goes too, and costs no call in the next run', async () => {
    let pruned = '';
    let deep = '';
    const { rig, box, index, folder, a, c } = await synced(({ box: there }) => {
      pruned = there.folder('0', { name: 'P' });
      deep = there.folder(there.folder(pruned, { name: 'Q' }), { name: 'R' });
    });
    const excludes = {
      syncRules: [{ id: 'r', order: 0, policy: 'exclude', field: 'path', rule: 'starts_with', value: '/P/' } as const],
      maxShare: 0,
      always: 0,
    };
    assert.is((await rig.sync(excludes)).deleted, 2, 'what was there before');
    box.move('file', c, pruned);
    box.move('folder', folder, deep);
    const report = await rig.sync(excludes);
    assert.equal([report.deleted, report.deletesHeld, report.deletesPending], [4, 0, 0]);
    assert.equal([...index.documents.keys()], [pruned]);
    box.calls.length = 0;
    assert.is((await rig.sync(excludes)).deleted, 0);
    assert.equal(proofs({ box }), []);
    await rig.sync();
    assert.equal([index.field(c, 'path'), index.field(a, 'path')], ['/P/c.txt', '/P/Q/R/A/a.txt'], 'without the rule');
  });

  test('asks about several at once, and no more than `concurrency`', async () => {
    const { rig, box } = await synced(({ box: there }, inside) => there.files(inside, 20));
    for (const key of box.keys()) {
      const [type = '', id = ''] = key.split(' ');
      if (type === 'file') box.remove('file', id);
    }
    let most = 0;
    box.latency = () => 2;
    box.before = ({ kind }) => {
      if (kind === 'item') most = Math.max(most, box.underWay);
    };
    assert.is((await rig.sync({ concurrency: 5 })).deleted, 23);
    assert.is(most, 5);
  });

  test('an excluded file that is gone from Box is forgotten, and not asked about in every run', async () => {
    const { rig, box, c } = await synced();
    const excludes = [{ id: 'r', order: 0, policy: 'exclude', field: 'name', rule: 'equals', value: 'c.txt' } as const];
    const report = await rig.sync({ syncRules: excludes });
    assert.equal([report.filtered, report.deleted], [1, 1]);
    assert.is(rig.store.catalogue.known([c]).size, 1);
    box.remove('file', c);
    assert.is((await rig.sync({ syncRules: excludes })).deleted, 0);
    assert.is(rig.store.catalogue.known([c]).size, 0);
    const asked = proofs({ box }).length;
    await rig.sync({ syncRules: excludes });
    assert.is(proofs({ box }).length, asked);
  });

  test('an item that was never indexed is forgotten with its dead letter', async () => {
    const { rig, box, index } = await synced();
    const bad = box.file('0');
    index.refuses = ({ id }) => (id === bad ? 'mapper_parsing_exception' : undefined);
    assert.is((await rig.sync()).rejected, 1);
    assert.is(rig.store.deadLetters.count(), 1);
    box.remove('file', bad);
    assert.is((await rig.sync()).deleted, 0);
    assert.equal([rig.store.deadLetters.count(), rig.store.catalogue.known([bad]).size], [0, 0]);
  });

  test('a delete that is refused is reported, kept as a dead letter, and tried again', async () => {
    const { rig, box, index, a } = await synced();
    box.remove('file', a);
    index.refuses = () => 'cluster_block_exception';
    const report = await rig.sync();
    assert.equal([report.deleted, report.deletesHeld, report.listed], [0, 1, 3]);
    assert.equal(
      rig.store.deadLetters.list(9).map(({ documentId, operation, reason }) => [documentId, operation, reason]),
      [[a, 'delete', 'cluster_block_exception']],
    );
    index.refuses = () => undefined;
    assert.is((await rig.sync()).deleted, 1);
    assert.is(rig.store.deadLetters.count(), 0);
  });

  test('a folder is known until all below it is gone: refused deletes are tried again, and leave nothing behind', async () => {
    const { rig, box, index, folder, a } = await synced();
    box.remove('folder', folder);
    index.refuses = ({ id }) => (id === a ? 'cluster_block_exception' : undefined);
    const report = await rig.sync();
    assert.equal([report.deleted, report.deletesHeld, index.documents.has(a)], [2, 1, true]);
    index.refuses = () => undefined;
    const again = await rig.sync();
    assert.equal([again.deleted, index.documents.has(a)], [1, false]);
    assert.is(rig.store.catalogue.count(), 1);
    assert.is(rig.store.deadLetters.count(), 0);
  });

  test('hundreds go in batches, each after room in the ledger', async () => {
    const { rig, box, index } = await synced(({ box: there }) => {
      there.files(there.folder('0', { id: 'big' }), 450);
    });
    box.remove('folder', 'big');
    assert.is((await rig.sync({ rows: 7 })).deleted, 451);
    assert.is(index.documents.size, 4);
  });

  test('unsubscribing aborts the question within the tick', async () => {
    const { rig, box, a } = await synced();
    box.remove('file', a);
    box.latency = ({ kind }) => (kind === 'item' ? 1_000 : 0);
    const { outcomes } = rig.begin();
    const subscription = outcomes.subscribe();
    while (box.callsOf('item').length === 0) await turns(1);
    subscription.unsubscribe();
    assert.is(box.callsOf('item')[0]?.signal.aborted, true);
    await turns(3);
    assert.is(box.underWay, 0);
  });
});

suite('absentItems() in an enterprise', (test) => {
  const synced = async (users = 3) => {
    const rig = new SyncRig();
    const { box } = rig;
    const files: string[] = [];
    for (let user = 1; user <= users; user += 1) {
      const owner = box.user(`u${user}`);
      const folder = box.folder('0', { owner });
      files.push(box.file(folder));
      box.file('0', { owner });
    }
    box.file('0');
    await rig.sync({ enterprise: true });
    box.calls.length = 0;
    return { rig, box, index: rig.index, files };
  };
  const enterprise = { enterprise: true } as const;
  const asked = ({ box }: Pick<SyncRig, 'box'>) => box.callsOf('item').map(({ asUser }) => asUser ?? 'own');

  test('a bare 404 is believed only if no other user has it', async () => {
    const { rig, box, files } = await synced();
    box.remove('file', files[0]!, 'not_found');
    assert.is((await rig.sync(enterprise)).deleted, 1);
    assert.equal(asked({ box }), ['u1', 'own', 'u2', 'u3']);
  });

  test('the first user that has it is the last to be asked, and the calls that were saved are there for others', async () => {
    const { rig, box, index, files } = await synced(4);
    const [moved = '', gone = ''] = files;
    const place = box.folder('0', { owner: 'u2' });
    await rig.sync(enterprise);
    box.calls.length = 0;
    box.move('file', moved, place);
    const { listFolder } = box;
    box.listFolder = async (...args) => {
      const page = await listFolder(...args);
      return { ...page, entries: page.entries.filter((entry) => !('item' in entry && entry.item.id === moved)) };
    };
    box.remove('file', gone, 'not_found');
    const report = await rig.sync({ ...enterprise, concurrency: 1, proofCalls: 6 });
    assert.equal([report.deleted, report.deletesPending, index.documents.has(moved)], [1, 0, true]);
    assert.equal(asked({ box }), ['u1', 'own', 'u2', 'u2', 'own', 'u1', 'u3', 'u4']);
  });

  test('a folder was taken over from a user who has nothing any more: asked as who has listed it', async () => {
    for (const [what, leave] of [
      ['nothing left', () => {}],
      ['gone', (box: SyncRig['box']) => box.userLeaves('u3')],
    ] as const) {
      const { rig, box, index } = await synced(2);
      const folder = box.folder('0', { owner: box.user('u3') });
      const file = box.file(folder);
      await rig.sync(enterprise);
      box.move('folder', folder, '0', 'u1');
      box.remove('file', file, 'not_found');
      leave(box);
      box.calls.length = 0;
      const report = await rig.sync(enterprise);
      assert.equal([what, report.deleted, report.deletesPending, index.documents.has(file)], [what, 1, 0, false]);
      assert.is(asked({ box })[0], 'u1');
    }
  });

  test('what is in the trash costs one call', async () => {
    const { rig, box, files } = await synced();
    box.remove('file', files[0]!);
    assert.is((await rig.sync(enterprise)).deleted, 1);
    assert.equal(asked({ box }), ['u1']);
  });

  for (const owner of ['u1', 'service']) {
    test(`a file that ${owner} has taken over behind the walk's back is kept`, async () => {
      const { rig, box, index } = await synced();
      const file = box.file('0', { owner: 'u2', id: 'taken' });
      await rig.sync(enterprise);
      box.calls.length = 0;
      const listings: string[] = [];
      box.after = ({ kind, asUser }) => {
        if (kind === 'folder') listings.push(asUser ?? 'service');
      };
      // Gone from its user's root, and in the other root only when that has been listed.
      const listFolder = box.listFolder;
      box.listFolder = async (...args) => {
        const page = await listFolder(...args);
        return { ...page, entries: page.entries.filter((entry) => !('item' in entry && entry.item.id === file)) };
      };
      box.move('file', file, '0', owner);
      const report = await rig.sync(enterprise);
      assert.equal([report.deleted, index.documents.has(file)], [0, true]);
      assert.ok(asked({ box }).includes(owner === 'service' ? 'own' : owner));
    });
  }

  test('beyond proofCalls the document waits, and goes when the next complete run misses it too', async () => {
    const { rig, box, index, files } = await synced();
    box.remove('file', files[0]!, 'not_found');
    const first = await rig.sync({ ...enterprise, proofCalls: 2 });
    assert.equal([first.deleted, first.deletesPending, asked({ box })], [0, 1, ['u1']]);
    box.calls.length = 0;
    const second = await rig.sync({ ...enterprise, proofCalls: 2 });
    assert.equal([second.deleted, second.deletesPending, asked({ box })], [1, 0, ['u1']]);
    assert.is(index.documents.has(files[0]!), false);
  });

  test('a run that could not read all does not count as the second that misses it', async () => {
    const { rig, box, files } = await synced();
    box.remove('file', files[0]!, 'not_found');
    await rig.sync({ ...enterprise, proofCalls: 2 });
    box.fail(({ kind, asUser }) => kind === 'folder' && asUser === 'u3', new PermanentError('401'));
    const report = await rig.sync({ ...enterprise, proofCalls: 2 });
    assert.equal([report.deleted, report.deletesPending], [0, 1]);
  });

  test('a user who cannot be asked leaves it unproven', async () => {
    const { rig, box, files } = await synced();
    box.remove('file', files[0]!, 'not_found');
    box.fail(({ kind, asUser }) => kind === 'item' && asUser === 'u3', new PermanentError('401'));
    const report = await rig.sync(enterprise);
    assert.equal([report.deleted, report.deletesPending], [0, 1]);
  });

  test('a user who has left, says Box: the documents go; what others took over stays', async () => {
    const { rig, box, index, files } = await synced();
    box.move('file', files[0]!, '0', 'u2');
    box.userLeaves('u1');
    const report = await rig.sync(enterprise);
    assert.equal([report.deleted, index.documents.has(files[0]!)], [2, true]);
    assert.equal(
      box.callsOf('user').map(({ id }) => id),
      ['u1'],
    );
  });

  test('a user who is absent from the list but not gone keeps the documents', async () => {
    for (const [what, change] of [
      ['inactive', (box: SyncRig['box']) => box.user('u1', 'inactive')],
      [
        'cannot be asked',
        (box: SyncRig['box']) => {
          box.userLeaves('u1');
          box.fail(({ kind }) => kind === 'user', new TransientError('500'));
        },
      ],
    ] as const) {
      const { rig, box, index } = await synced();
      const before = index.documents.size;
      change(box);
      const report = await rig.sync(enterprise);
      assert.equal([what, report.deleted, index.documents.size], [what, 0, before]);
    }
  });

  for (const [what, spoil] of [
    ['empty', (box: SyncRig['box']) => ['u1', 'u2', 'u3'].forEach((user) => box.userLeaves(user))],
    ['refused', (box: SyncRig['box']) => box.fail(({ kind }) => kind === 'users', new PermanentError('403'))],
    [
      'cut',
      (box: SyncRig['box']) => {
        box.usersPageSize = 1;
        box.fail(({ kind, marker }) => kind === 'users' && marker !== null, new TransientError('cut'));
      },
    ],
    [
      'partly unreadable',
      (box: SyncRig['box']) => {
        box.userLeaves('u1');
        box.userProblems.push('field "id"');
      },
    ],
  ] as const) {
    test(`a list of users that is ${what}: nothing is deleted, and the run is incomplete`, async () => {
      const { rig, box, index } = await synced();
      const before = index.documents.size;
      spoil(box);
      const report = await rig.sync(enterprise);
      assert.equal([report.deleted, report.unread.length, index.documents.size], [0, 1, before]);
      assert.is(box.callsOf('user').length, 0);
    });
  }

  for (const status of [401, 403]) {
    test(`a user who is refused with ${status} keeps everything`, async () => {
      const { rig, box, index } = await synced();
      const before = index.documents.size;
      box.fail(({ asUser }) => asUser === 'u1', new PermanentError('refused', { status }));
      const report = await rig.sync(enterprise);
      assert.equal([report.deleted, index.documents.size], [0, before]);
      assert.equal(
        report.unread.map(({ type, id }) => [type, id]),
        [['user', 'u1']],
      );
    });
  }

  test('the app has lost its scope, and every root is empty: nothing is deleted', async () => {
    const { rig, box, index } = await synced();
    const before = index.documents.size;
    box.listFolder = () => Promise.resolve({ entries: [], nextMarker: null, bytes: 0 });
    box.getItem = () => Promise.resolve({ gone: 'not_found' });
    const report = await rig.sync({ ...enterprise, maxShare: 0.2 });
    assert.equal([report.deleted, index.documents.size], [0, before]);
    assert.ok(report.deletesHeld > 0);
  });

  test('a folder that moves to a user whose root has been walked is kept with all below it', async () => {
    const { rig, box, index } = await synced();
    const moving = box.folder('0', { owner: 'u3' });
    const inside = box.files(moving, 5);
    await rig.sync(enterprise);
    const before = index.documents.size;
    let roots = 0;
    box.before = ({ kind, id, asUser }) => {
      if (kind !== 'folder' || id !== '0') return;
      roots += 1;
      if (asUser === 'u3') box.move('folder', moving, '0', 'u1');
    };
    const { run, outcomes } = rig.begin({ ...enterprise, concurrency: 1 });
    await lastValueFrom(outcomes, { defaultValue: null });
    assert.equal([run.tally.finalReport().deleted, index.documents.size, roots], [0, before, 4]);
    assert.equal(new Set(box.callsOf('item').map(({ id }) => id)), new Set([`folder ${moving}`]), 'nothing showed it');
    box.before = () => {};
    assert.is((await rig.sync(enterprise)).deleted, 0);
    assert.ok(inside.every((id) => index.documents.has(id)));
  });
});
