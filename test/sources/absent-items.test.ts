import * as assert from 'uvu/assert';
import { AuthError, PermanentError, TransientError } from '../../src/core/errors.js';
import { lastValueFrom } from 'rxjs';
import type { Gone } from '../../src/sources/change.js';
import { absentItems } from '../../src/sources/absent-items.js';
import { folderWalk } from '../../src/sources/folder-walk.js';
import { sqliteStore } from '../../src/state/sqlite-store.js';
import { ownUser } from '../support/fake-box.js';
import { knownItem } from '../support/known-item.js';
import { type Test, suite } from '../support/suite.js';
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

  test('with something unread, each item below a folder that is gone is asked about: it may have moved there', async () => {
    let hidden = '';
    const { rig, box, index, folder, a, b, c } = await synced(({ box: there }) => (hidden = there.folder('0')));
    box.remove('file', c);
    box.move('file', b, hidden);
    box.remove('folder', folder);
    box.fail(({ kind, id }) => kind === 'folder' && id === hidden, new PermanentError('403'));
    const report = await rig.sync();
    assert.equal([report.deleted, report.deletesPending], [3, 0]);
    assert.equal(proofs({ box }).sort(), [`file ${a}`, `file ${b}`, `file ${c}`, `folder ${folder}`]);
    assert.equal([...index.documents.keys()].sort(), [b, hidden].sort());
    box.mend();
    assert.equal([(await rig.sync()).deleted, index.field(b, 'path')], [0, `/folder-${hidden}/b.txt`]);
  });

  test('beyond belowCalls what is below waits, and goes when it is still missed undecidedMs later', async () => {
    let refused = '';
    const { rig, box, index, folder } = await synced(({ box: there }, inside) => {
      refused = there.folder('0');
      there.files(there.folder(there.folder(inside)), 20);
    });
    box.remove('folder', folder);
    box.fail(({ kind, id }) => kind === 'folder' && id === refused, new PermanentError('403'));
    const options = { belowCalls: 2, undecidedMs: 1_000 };
    const first = await rig.sync({ ...options, now: () => 5_000 });
    assert.is(first.deleted + first.deletesPending, 25);
    assert.is(box.callsOf('item').length, 3, 'the folder, and two that are in it');
    const soon = await rig.sync({ ...options, now: () => 5_999 });
    assert.is(first.deleted + soon.deleted + soon.deletesPending, 25);
    assert.ok(soon.deletesPending > 0);
    box.calls.length = 0;
    const later = await rig.sync({ ...options, now: () => 6_000 });
    assert.equal([later.deleted, later.deletesPending], [soon.deletesPending, 0]);
    assert.equal(proofs({ box }), [`folder ${folder}`], 'two looks agree: nothing more is asked');
    assert.equal([...index.documents.keys()].sort(), ['1004', refused].sort());
    assert.is(rig.store.catalogue.count(), 2, 'nothing piles up');
  });

  for (const answer of ['trashed', 'not_found'] as const) {
    test(`a folder that is ${answer} between its parent's listing and its own goes in this run, and all below it`, async () => {
      let deep = '';
      const { rig, box, index, folder, a, b, c } = await synced(({ box: there }, inside) => {
        deep = there.folder(inside, { name: 'D' });
        there.files(deep, 3);
      });
      box.before = ({ kind, id }) => {
        if (kind === 'folder' && id === folder) box.remove('folder', folder, answer);
      };
      const gone = new PermanentError('404', { status: 404, code: answer });
      box.fail(({ kind, id }) => kind === 'folder' && id === folder, gone);
      const added = box.file('0');
      const report = await rig.sync({ maxShare: answer === 'trashed' ? 0 : 1, always: 0 });
      assert.equal([report.unread, report.deleted, report.deletesHeld, report.deletesPending], [[], 7, 0, 0]);
      assert.equal([...index.documents.keys()].sort(), [c, added].sort());
      assert.equal(index.log().filter((line) => line === `delete ${a}` || line === `delete ${b}`).length, 2);
      assert.equal(proofs({ box }), answer === 'trashed' ? [] : [`folder ${folder}`]);
      assert.is(rig.store.catalogue.count(), 2);
      box.before = () => {};
      assert.equal([(await rig.sync()).deleted, index.documents.size], [0, 2]);
    });
  }

  test('it goes with what this run has just written of it; what moved out before stays', async () => {
    const { rig, box, index, folder, a, b, c } = await synced();
    // So that the folder's first page is read.
    box.pageSize = 1;
    let pages = 0;
    box.before = ({ kind, id }) => {
      if (kind !== 'folder' || id !== folder) return;
      pages += 1;
      if (pages < 2) return;
      box.remove('folder', folder);
      box.fail(
        (call) => call.kind === 'folder' && call.id === folder,
        new PermanentError('404', { status: 404, code: 'trashed' }),
      );
    };
    box.newVersion(a, 'new');
    box.move('file', b, '0');
    box.file(folder);
    const report = await rig.sync({ concurrency: 1 });
    box.before = () => {};
    assert.equal([report.unread, report.deletesPending], [[], 0]);
    assert.ok(index.log().includes(`index ${a}`) && index.log().includes(`delete ${a}`), index.log().join(', '));
    assert.equal([...index.documents.keys()].sort(), [b, c].sort());
    assert.is(index.field(b, 'path'), '/b.txt');
    assert.is(rig.store.catalogue.count(), 2);
  });

  test('one such folder each night: nothing piles up', async () => {
    const { rig, box, index } = await synced();
    for (let night = 1; night <= 5; night += 1) {
      const before = box.folder('0');
      const during = box.folder('0');
      box.files(before, 3);
      box.files(during, 3);
      assert.is((await rig.sync()).written, 8);
      box.remove('folder', before);
      box.before = ({ kind, id }) => {
        if (kind === 'folder' && id === during) box.remove('folder', during);
      };
      box.fail(
        ({ kind, id }) => kind === 'folder' && id === during,
        new PermanentError('', { status: 404, code: 'trashed' }),
      );
      const report = await rig.sync();
      assert.equal([report.unread, report.deleted, index.documents.size], [[], 8, 4], `night ${night}`);
      box.mend();
    }
  });

  test('a listing that is not found though the folder is there is unread, as is one that the configuration names', async () => {
    const { rig, box, index, folder } = await synced();
    const notFound = new PermanentError('404', { status: 404, code: 'not_found' });
    box.fail(({ kind, id }) => kind === 'folder' && id === folder, notFound);
    const report = await rig.sync();
    assert.equal([report.unread.map(({ id }) => id), report.deleted, index.documents.size], [[folder], 0, 4]);
    box.mend();
    box.fail(
      ({ kind, id }) => kind === 'folder' && id === folder,
      new PermanentError('', { status: 404, code: 'trashed' }),
    );
    const narrowed = await rig.sync({ folders: [folder] });
    assert.equal([narrowed.unread.map(({ id }) => id), index.documents.size], [[folder], 4]);
  });

  test('a folder that is refused for ever keeps back nothing for ever but what is below it', async () => {
    let refused = '';
    let inside = '';
    const { rig, box, index, folder, c } = await synced(({ box: there }) => {
      refused = there.folder('0');
      inside = there.file(refused);
    });
    box.fail(({ kind, id }) => kind === 'folder' && id === refused, new PermanentError('403', { status: 403 }));
    box.remove('folder', folder);
    box.remove('file', c, 'not_found');
    assert.is((await rig.sync()).deleted, 4);
    assert.equal([...index.documents.keys()].sort(), [refused, inside].sort());
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

  test('a question at which Box fails each time holds the document for undecidedMs, not for ever', async () => {
    for (const error of [new TransientError('500'), new PermanentError('403')]) {
      const { rig, box, index, a, c } = await synced();
      box.remove('file', a);
      box.fail(({ kind, id }) => kind === 'item' && id === `file ${a}`, error);
      for (const [now, deleted, pending] of [
        [5_000, 0, 1],
        [5_500, 0, 1],
        [6_000, 1, 0],
      ] as const) {
        const report = await rig.sync({ undecidedMs: 1_000, now: () => now });
        assert.equal([now, report.deleted, report.deletesPending], [now, deleted, pending]);
      }
      assert.equal([index.documents.has(a), index.documents.has(c)], [false, true]);
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
    box.remove('folder', 'big', 'not_found');
    const held = await rig.sync({ maxShare: 0.5, always: 3 });
    assert.equal([held.deleted, held.deletesHeld, index.log()], [0, 9, []]);
    const again = await rig.sync({ maxShare: 0.5, always: 9 });
    assert.equal([again.deleted, again.deletesHeld], [9, 0], '`always` may go whatever their share');
  });

  test('what Box has in the trash goes whatever its share, and keeps nothing else from going', async () => {
    const { rig, box, index, c } = await synced(({ box: there }) => {
      there.files(there.folder('0', { id: 'big', name: 'Big' }), 8);
    });
    box.remove('folder', 'big');
    box.remove('file', c, 'not_found');
    const report = await rig.sync({ maxShare: 0.1, always: 0 });
    assert.equal([report.deleted, report.deletesHeld, index.documents.size], [10, 0, 3]);
  });

  test('exactly maxShare is not more', async () => {
    const { rig, box } = await synced();
    box.remove('file', '1002', 'not_found');
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

  test('one owner who loses too much is held, and the others are not', async () => {
    const { rig, box, index, files } = await synced();
    const big = box.folder('0', { owner: 'u1' });
    box.files(big, 20);
    await rig.sync(enterprise);
    box.remove('folder', big, 'not_found');
    box.remove('file', files[1]!, 'not_found');
    box.remove('file', files[2]!);
    const before = index.documents.size;
    const report = await rig.sync({ ...enterprise, maxShare: 0.2, always: 0 });
    assert.equal([report.deleted, report.deletesHeld, before - index.documents.size], [2, 21, 2]);
    assert.equal([index.documents.has(files[1]!), index.documents.has(files[2]!)], [false, false]);
    const allowed = await rig.sync({ ...enterprise, maxShare: 1 });
    assert.equal([allowed.deleted, allowed.deletesHeld], [21, 0]);
  });

  test('a user who cannot be read does not keep what another has in the trash', async () => {
    const { rig, box, index } = await synced();
    const folder = box.folder('0', { owner: 'u1' });
    box.files(box.folder(folder), 10);
    await rig.sync(enterprise);
    const before = index.documents.size;
    box.remove('folder', folder);
    box.fail(({ asUser }) => asUser === 'u2', new PermanentError('terms of service', { status: 403 }));
    const report = await rig.sync({ ...enterprise, maxShare: 0, always: 0, proofCalls: 0 });
    assert.equal([report.deleted, report.deletesPending, report.deletesHeld], [12, 0, 0]);
    assert.is(index.documents.size, before - 12);
  });

  test('a bare 404 that one user cannot confirm goes when it is still missed undecidedMs later', async () => {
    const { rig, box, index, files } = await synced();
    box.remove('file', files[0]!, 'not_found');
    box.fail(({ asUser }) => asUser === 'u3', new PermanentError('403', { status: 403 }));
    const run = (now: number) => rig.sync({ ...enterprise, undecidedMs: 1_000, now: () => now });
    for (const [now, deleted, pending] of [
      [5_000, 0, 1],
      [5_500, 0, 1],
      [6_000, 1, 0],
    ] as const) {
      const report = await run(now);
      assert.equal([now, report.deleted, report.deletesPending], [now, deleted, pending]);
    }
    assert.is(index.documents.has(files[0]!), false);
  });

  test('what is seen again was not missed', async () => {
    const { rig, box, index, files } = await synced();
    const [file = ''] = files;
    const hide = box.listFolder;
    box.listFolder = async (...args) => {
      const page = await hide(...args);
      return { ...page, entries: page.entries.filter((entry) => !('item' in entry && entry.item.id === file)) };
    };
    const { getItem } = box;
    box.getItem = (...args) => (args[1] === file ? Promise.resolve({ gone: 'not_found' }) : getItem(...args));
    const options = { ...enterprise, proofCalls: 0, undecidedMs: 1_000 };
    assert.is((await rig.sync({ ...options, now: () => 0 })).deletesPending, 1);
    box.listFolder = hide;
    await rig.sync({ ...options, now: () => 500 });
    box.listFolder = async (...args) => {
      const page = await hide(...args);
      return { ...page, entries: page.entries.filter((entry) => !('item' in entry && entry.item.id === file)) };
    };
    assert.is((await rig.sync({ ...options, now: () => 1_500 })).deletesPending, 1);
    assert.is(index.documents.has(file), true);
  });

  test('who has left goes though a folder of somebody else is refused for ever, one look later', async () => {
    const { rig, box, index } = await synced();
    const refused = box.folder('0', { owner: 'u2' });
    await rig.sync(enterprise);
    const before = index.documents.size;
    box.userLeaves('u1');
    box.fail(({ kind, id }) => kind === 'folder' && id === refused, new PermanentError('403', { status: 403 }));
    const run = (now: number) => rig.sync({ ...enterprise, undecidedMs: 1_000, now: () => now });
    const first = await run(5_000);
    assert.equal([first.deleted, first.deletesPending], [0, 3]);
    const second = await run(6_000);
    assert.equal([second.deleted, second.deletesPending, index.documents.size], [3, 0, before - 3]);
  });

  test('users whom the configuration leaves out go though a folder is refused for ever, one look later', async () => {
    const { rig, box } = await synced();
    const refused = box.folder('0', { owner: 'u2' });
    await rig.sync(enterprise);
    box.fail(({ kind, id }) => kind === 'folder' && id === refused, new PermanentError('403', { status: 403 }));
    const run = (now: number) =>
      rig.sync({ ...enterprise, users: (id) => id !== 'u1', undecidedMs: 1_000, now: () => now });
    assert.equal(await run(5_000).then(({ deleted, deletesPending }) => [deleted, deletesPending]), [0, 3]);
    assert.equal(await run(6_000).then(({ deleted, deletesPending }) => [deleted, deletesPending]), [3, 0]);
  });

  test('what moves to a user whom the configuration leaves out goes, wherever Box still shows it', async () => {
    const { rig, box, index, files } = await synced();
    const [file = ''] = files;
    const place = box.folder('0', { owner: 'u2' });
    const only = { ...enterprise, users: (id: string) => id !== 'u2' };
    await rig.sync(only);
    box.move('file', file, place);
    const { getItem } = box;
    // Who may still see it: through a link, for instance, so that no root of theirs shows it.
    box.getItem = (type, id, _user, signal) => getItem(type, id, 'u2', signal);
    box.getFolder = () => Promise.resolve({ id: place, path: '/place', ancestors: ['0'], owner: 'u2' });
    const report = await rig.sync(only);
    assert.equal([report.deleted, index.documents.has(file)], [1, false]);
  });

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
      assert.is(report.deletesPending, what === 'inactive' ? 0 : 3);
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

  test('what somebody else was shown below a folder that only an excluded user had goes when Box says so', async () => {
    const rig = new SyncRig();
    const { box, index } = rig;
    box.user('u1');
    box.user('u2');
    const outer = box.folder('0', { owner: 'stranger', sharedWith: ['u2'] });
    const inner = box.folder(outer, { owner: 'stranger', sharedWith: [ownUser] });
    const file = box.file(inner, { owner: 'stranger' });
    await rig.sync({ enterprise: true, folders: [inner, outer] });
    assert.equal([...index.documents.keys()].sort(), [inner, file].sort());
    const own = box.file('0');
    box.remove('folder', inner, 'not_found');
    const report = await rig.sync({ enterprise: true, users: (id) => id !== 'u2' });
    assert.equal([report.deleted, [...index.documents.keys()]], [2, [own]]);
  });
});

suite('absentItems() where only some folders are walked', (test) => {
  for (const enterprise of [false, true]) {
    const how = enterprise ? 'an enterprise' : 'one account';
    const synced = async () => {
      const rig = new SyncRig();
      const { box } = rig;
      const owner = enterprise ? { owner: box.user('u1') } : {};
      const [inside, outside] = [box.folder('0', { name: 'A', ...owner }), box.folder('0', { name: 'B', ...owner })];
      const deep = box.folder(inside, { name: 'D' });
      const [a, b] = [box.file(inside, { name: 'a.txt' }), box.file(deep, { name: 'b.txt' })];
      const far = box.folder(outside, { name: 'F' });
      const options = { enterprise, folders: [inside] };
      await rig.sync(options);
      assert.is(rig.index.documents.size, 3);
      return { rig, box, index: rig.index, options, inside, outside, deep, far, a, b };
    };

    test(`in ${how}, what moves out of them is deleted, at once and for good`, async () => {
      for (const place of ['sibling', 'below it', 'root'] as const) {
        const { rig, box, index, options, outside, deep, far, a, b } = await synced();
        const to = { sibling: outside, 'below it': far, root: '0' }[place];
        box.move('file', a, to);
        box.move('folder', deep, to);
        const report = await rig.sync(options);
        assert.equal([place, report.deleted, report.deletesPending, index.documents.size], [place, 3, 0, 0]);
        assert.is(rig.store.catalogue.known([a, b, deep]).size, 0);
        box.calls.length = 0;
        assert.is((await rig.sync(options)).deleted, 0);
        const asked = new Set(box.callsOf('item').map(({ id }) => id));
        assert.equal([...asked], options.folders, 'nothing is asked about again');
      }
    });

    test(`in ${how}, it counts for maxShare; what moves within them stays`, async () => {
      const { rig, box, index, options, inside, outside, deep, a, b } = await synced();
      box.move('folder', deep, outside);
      const held = await rig.sync({ ...options, maxShare: 0.2, always: 0 });
      assert.equal([held.deleted, held.deletesHeld], [0, 2]);
      box.move('folder', deep, inside);
      box.move('file', a, deep);
      const report = await rig.sync({ ...options, maxShare: 0.2, always: 0 });
      assert.equal([report.deleted, report.deletesHeld, index.documents.size], [0, 0, 3]);
      assert.equal([index.field(a, 'path'), index.field(b, 'path')], ['/A/D/a.txt', '/A/D/b.txt']);
    });

    test(`in ${how}, the walk may have been wider before: the folder itself goes, and what moves out later`, async () => {
      const { rig, box, index, options, outside, a, b, deep, far } = await synced();
      await rig.sync({ enterprise });
      assert.is(index.documents.size, 6);
      assert.is((await rig.sync(options)).deleted, 3);
      box.move('file', a, outside);
      box.remove('file', b, 'not_found');
      const report = await rig.sync(options);
      assert.equal([report.deleted, [...index.documents.keys()]], [2, [deep]]);
      assert.ok(far);
    });

    test(`in ${how}, a configured folder that is not found keeps what is below it, and a refused one all others do`, async () => {
      const { rig, box, index, options, inside, outside, a } = await synced();
      const folders = [inside, outside];
      const other = box.file(outside);
      await rig.sync({ ...options, folders });
      assert.is(index.documents.size, 5);
      const { getFolder } = box;
      box.getFolder = (id, ...args) => (id === outside ? Promise.resolve('gone') : getFolder(id, ...args));
      const now = { undecidedMs: 0, now: () => 5_000 };
      for (let run = 1; run <= 3; run += 1) {
        const report = await rig.sync({ ...options, folders, ...now });
        assert.equal([report.unread.length, report.deleted, index.documents.has(other)], [1, 0, true]);
      }
      box.move('file', a, outside);
      const moved = await rig.sync({ ...options, folders, ...now });
      assert.equal([moved.deleted, index.documents.has(a)], [0, true], 'it is in what is configured');
    });
  }
});

suite('absentItems() behind a lost state', (test) => {
  /** What the index holds is all that is left: the catalogue is read back, with who has seen each as `viewer` says. */
  const lose = (rig: SyncRig, viewerOf: (operation: { viewer: string | null }, owner: string) => string | null) => {
    const known = new Map(rig.index.operations.map((operation) => [operation.id, operation]));
    const store = sqliteStore(':memory:');
    store.census.begin();
    store.census.add({
      documents: [...rig.index.documents].map(([documentId, { source }]) => {
        const operation = known.get(documentId);
        const origin = operation?.kind === 'delete' ? undefined : operation?.origin;
        const {
          type,
          parent,
          owned_by: owner,
        } = source as { type: 'file'; parent: { id: string }; owned_by: { id: string } };
        return {
          documentId,
          type,
          id: origin?.id ?? documentId,
          parent: parent.id,
          viewer: viewerOf({ viewer: origin?.viewer ?? null }, owner.id),
          version: null,
        };
      }),
      strangers: [],
    });
    store.census.end();
    return store;
  };
  const written = ({ viewer }: { viewer: string | null }) => viewer;
  const guessed = (_: unknown, owner: string) => owner;

  for (const [what, viewerOf] of [
    ['that says who has seen it', written],
    ['of an older version, which does not say it', guessed],
  ] as const) {
    test(`an index ${what}: what has gone from the service account's root is deleted`, async () => {
      const rig = new SyncRig();
      const { box } = rig;
      box.file('0', { owner: box.user('u1') });
      const [kept, gone] = [box.file('0'), box.file('0')];
      await rig.sync({ enterprise: true });
      const store = lose(rig, viewerOf);
      box.remove('file', gone);
      box.getUser = (id) => Promise.resolve({ id, name: null, login: null, status: 'active' });
      const report = await rig.sync({ enterprise: true, store });
      assert.equal([report.deleted, report.deletesHeld, report.deletesPending], [1, 0, 0]);
      assert.equal([rig.index.documents.has(kept), rig.index.documents.has(gone)], [true, false]);
    });

    test(`an index ${what}: what somebody of elsewhere has shared, and has taken away`, async () => {
      const rig = new SyncRig();
      const { box } = rig;
      box.file('0', { owner: box.user('u1') });
      box.file('0', { owner: box.user('u2') });
      const folder = box.folder('0', { owner: 'elsewhere', sharedWith: ['u1'] });
      const inside = box.files(folder, 3, { owner: 'elsewhere' });
      await rig.sync({ enterprise: true });
      assert.is(rig.index.documents.size, 6);
      const store = lose(rig, viewerOf);
      box.remove('folder', folder);
      const report = await rig.sync({ enterprise: true, store });
      assert.equal([report.deleted, report.deletesHeld, report.deletesPending], [4, 0, 0]);
      assert.ok(inside.every((id) => !rig.index.documents.has(id)));
    });
  }

  test('what an inactive user has shared, and has taken away, is deleted; what only they had stays', async () => {
    const rig = new SyncRig();
    const { box } = rig;
    const [one, other] = [box.user('u1'), box.user('u2')];
    box.file('0', { owner: one });
    const own = box.file('0', { owner: other });
    await rig.sync({ enterprise: true });
    box.user('u2', 'inactive');
    const shared = box.file('0', { owner: other, sharedWith: [one] });
    await rig.sync({ enterprise: true });
    assert.is(rig.index.documents.size, 3);
    const store = lose(rig, written);
    box.remove('file', shared);
    assert.is((await rig.sync({ enterprise: true, store })).deleted, 1);
    assert.equal([rig.index.documents.has(own), rig.index.documents.has(shared)], [true, false]);
  });

  for (const state of ['trashed', 'not_found'] as const) {
    test(`a folder without a document (a rule excludes it) that is ${state}: what was in it is deleted`, async () => {
      const rig = new SyncRig();
      const { box } = rig;
      const folder = box.folder('0', { name: 'hidden' });
      box.files(folder, 3);
      const kept = box.file('0');
      const syncRules = [
        { id: 'r', order: 0, policy: 'exclude', field: 'name', rule: 'equals', value: 'hidden' } as const,
      ];
      await rig.sync({ syncRules });
      assert.is(rig.index.documents.size, 4);
      const store = lose(rig, written);
      box.remove('folder', folder, state);
      const report = await rig.sync({ syncRules, store });
      assert.equal([report.deleted, [...rig.index.documents.keys()]], [3, [kept]]);
      assert.is(box.callsOf('item').length, 1, 'one question for all of it');
    });
  }
});

suite('absentItems(), documents whose _id says more than one thing', (test) => {
  test('folders whose ids look like what another would get keep their documents, and each has one of its own', async () => {
    const rig = new SyncRig();
    const { box } = rig;
    const folders = ['folder_7', 'folder_number_0', 'folder_folder_7', '7'].map((id) => box.folder('0', { id }));
    box.file('0', { id: '7' });
    box.file('0', { id: 'number_0' });
    await rig.sync();
    assert.is(rig.index.documents.size, 6);
    box.remove('folder', 'folder_7', 'not_found');
    assert.is((await rig.sync()).deleted, 1);
    assert.is(rig.index.documents.size, 5);
    assert.equal((await rig.sync()).deleted, 0);
    assert.is(folders.length, 4);
  });

  test('a wrong guess of what an older document is of never deletes', async () => {
    const rig = new SyncRig();
    const { box } = rig;
    const inside = box.folder('0');
    const hidden = box.folder('0');
    box.file('0', { id: '7' });
    box.folder(inside, { id: '7' });
    await rig.sync();
    assert.ok(rig.index.documents.has('folder_7'));
    // Folder 7 moves to where the run cannot look, and the state that was read back has it as folder `folder_7`.
    const store = sqliteStore(':memory:');
    store.catalogue.record([
      knownItem({ id: 'folder_7', type: 'folder', parent: inside, lastSeen: 0 }),
      knownItem({ id: '7', lastSeen: 0 }),
    ]);
    box.move('folder', '7', hidden);
    box.fail(({ kind, id }) => kind === 'folder' && id === hidden, new PermanentError('403', { status: 403 }));
    const report = await rig.sync({ store });
    assert.equal([report.deleted, rig.index.documents.has('folder_7')], [0, true]);
  });

  test('a delete is never sent for a document that another item has', async () => {
    const rig = new SyncRig();
    const { box } = rig;
    const [folder] = [box.folder('0'), box.file('0', { id: '7' })];
    const store = sqliteStore(':memory:');
    // The index was read back when the document was of folder 7, which is gone; file 7 has taken it over.
    store.catalogue.record([knownItem({ id: '7', type: 'folder', parent: folder, lastSeen: 0 })]);
    store.deadLetters.add([
      { documentId: '7', type: 'file', id: '7', path: '/7', operation: 'index', reason: 'r', lastTried: 1 },
    ]);
    store.catalogue.record([knownItem({ id: '7', lastSeen: 0, version: null })]);
    const report = await rig.sync({ store });
    assert.equal(
      [report.deleted, rig.index.documents.has('7'), rig.index.log().includes('delete 7')],
      [0, true, false],
    );
    assert.equal([...store.catalogue.known(['7']).keys()], ['file 7']);
  });
});

suite('absentItems(), much of it', muchOfIt, { timeoutMs: 60_000 });

function muchOfIt(test: Test): void {
  test('a million verdicts that need no waiting pass', async () => {
    const run = startRun(sqliteStore(':memory:'), { rows: 2_000_000 });
    const count = 1_000_000;
    let at = 0;
    const condemned = (_after: unknown, limit: number) =>
      Array.from({ length: Math.min(limit, count - at) }, () => ({
        item: knownItem({ id: String((at += 1)) }),
        proof: 'trashed' as const,
      }));
    Object.assign(run.store.absence, { condemned });
    Object.assign(run.store.catalogue, { record: () => {} });
    let seen = 0;
    await new Promise<void>((resolve, reject) =>
      absentItems({ box: new SyncRig().box, run }, { maxShare: 1, proofCalls: 0 }).subscribe({
        next: (envelope) => {
          seen += 1;
          envelope.settle({ kind: 'deleted' });
        },
        error: reject,
        complete: resolve,
      }),
    );
    assert.equal([seen, run.ledger.outstanding, run.tally.report().deleted], [count, 0, count]);
  });

  test('a circle of folders in the catalogue ends, and holds up nothing else', async () => {
    const rig = new SyncRig();
    const { box } = rig;
    const folder = box.folder('0');
    box.files(folder, 3);
    await rig.sync();
    rig.store.catalogue.record([
      knownItem({ id: 'x', type: 'folder', parent: 'y' }),
      knownItem({ id: 'y', type: 'folder', parent: 'x' }),
      knownItem({ id: 'z', type: 'folder', parent: 'z' }),
      knownItem({ id: 'w', type: 'folder', parent: folder }),
      knownItem({ id: 'v', type: 'folder', parent: 'w' }),
    ]);
    box.remove('folder', folder);
    assert.is((await rig.sync()).deleted, 6);
  });
}
