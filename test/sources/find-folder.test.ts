import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import * as assert from 'uvu/assert';
import { PermanentError } from '../../src/core/errors.js';
import { findFolder } from '../../src/sources/find-folder.js';
import { Run } from '../../src/state/run.js';
import { sqliteStore } from '../../src/state/sqlite-store.js';
import { FakeBox } from '../support/fake-box.js';
import { suite } from '../support/suite.js';

suite('findFolder()', (test) => {
  const newRun = () =>
    new Run(sqliteStore(':memory:'), {
      id: 1,
      kind: 'full',
      rewrite: false,
      rows: 1_000,
      bytes: 1_000,
      rules: '',
      before: null,
      now: () => 0,
    });

  test('a folder that the own user sees is walked with its path from the root', async () => {
    const box = new FakeBox();
    const above = box.folder('0', { name: 'A' });
    const id = box.folder(above, { name: 'B' });
    const run = newRun();
    assert.equal(await firstValueFrom(findFolder({ box, run }, id, [])), {
      id,
      viewer: null,
      path: '/A/B',
      ancestors: ['0', above],
    });
    assert.is(run.tally.unreadCount, 0);
  });

  test('a folder of a user is found by asking the users, and walked as its owner', async () => {
    const box = new FakeBox();
    box.user('u1');
    box.user('u2');
    const id = box.folder('0', { name: 'A', owner: 'u2', sharedWith: ['u1'] });
    const found = await firstValueFrom(findFolder({ box, run: newRun() }, id, ['u1', 'u2']));
    assert.is(found.viewer, 'u2');
    assert.equal(
      box.callsOf('item', id).map(({ asUser }) => asUser),
      [undefined, 'u1', 'u2'],
    );
  });

  test('a folder that nobody sees is unread', async () => {
    const box = new FakeBox();
    box.user('u1');
    const run = newRun();
    assert.equal(await lastValueFrom(findFolder({ box, run }, '404', ['u1']).pipe(toArray())), []);
    assert.equal(run.tally.report().unread, [
      {
        type: 'folder',
        id: '404',
        path: '',
        reason: 'Box shows no folder with this id to any user. Check "box.folders"',
      },
    ]);
  });

  test('what cannot be asked for is unread with the reason', async () => {
    const run = newRun();
    const box = { getFolder: () => Promise.reject(new PermanentError('Cannot read folder 7: 403')) };
    await lastValueFrom(findFolder({ box, run }, '7', []).pipe(toArray()));
    assert.match(run.tally.report().unread[0]?.reason ?? '', /^Cannot read folder 7: 403\. Check "box\.folders"$/);
  });
});
