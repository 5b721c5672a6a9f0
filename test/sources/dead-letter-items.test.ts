import { lastValueFrom, tap, toArray } from 'rxjs';
import * as assert from 'uvu/assert';
import { deadLetterItems } from '../../src/sources/dead-letter-items.js';
import { sqliteStore } from '../../src/state/sqlite-store.js';
import { FakeBox } from '../support/fake-box.js';
import { knownItem } from '../support/known-item.js';
import { suite } from '../support/suite.js';
import { startRun } from '../support/sync-rig.js';

suite('deadLetterItems()', (test) => {
  const rig = () => {
    const box = new FakeBox();
    const store = sqliteStore(':memory:');
    return { box, store, run: startRun(store) };
  };
  const letter = (type: string, id: string, path: string) => ({
    documentId: id,
    type,
    id,
    path,
    operation: 'index',
    reason: 'mapper_parsing_exception',
    attempts: 1,
    lastTried: 0,
  });
  const found = async ({ box, run }: ReturnType<typeof rig>, letters: ReturnType<typeof letter>[]) => {
    const envelopes = await lastValueFrom(
      deadLetterItems({ box, run }, letters).pipe(
        tap((envelope) => envelope.settle({ kind: 'written', version: { signature: 's', content: null } })),
        toArray(),
      ),
    );
    assert.is(run.ledger.outstanding, 0);
    return envelopes.map(({ value }) => value);
  };

  test('asks for the item as the user who saw it, and knows where it hangs', async () => {
    const all = rig();
    const { box, store } = all;
    box.user('u1');
    const a = box.folder('0', { name: 'A', owner: 'u1' });
    const b = box.folder(a, { name: 'B', owner: 'u1' });
    const file = box.file(b, { name: 'new name.txt', owner: 'u1' });
    store.catalogue.record([
      knownItem({ id: a, type: 'folder', viewer: 'u1' }),
      knownItem({ id: b, type: 'folder', viewer: 'u1', parent: a }),
      knownItem({ id: file, viewer: 'u1', parent: b, version: null }),
    ]);
    const [change] = await found(all, [letter('file', file, '/A/B/old name.txt')]);
    if (change?.kind !== 'found') throw new Error(`The item was not found: ${JSON.stringify(change)}`);
    assert.is(change.seenAs, 'u1');
    assert.is(change.path, '/A/B/new name.txt');
    assert.equal(change.ancestors, ['0', a, b]);
    assert.is(change.known?.version, null);
  });

  test('what has gone, what cannot be asked for and what is no item are left to the next run', async () => {
    const all = rig();
    const { box } = all;
    const gone = box.file('0', {});
    const here = box.file('0', {});
    box.remove('file', gone);
    assert.equal(
      await found(all, [
        letter('file', gone, '/x'),
        letter('file', 'none', '/y'),
        letter('hub', '5', '/z'),
        // An entry without an id, a delete that was refused, and a path that was too long to be kept.
        letter('file', '', '/A/'),
        letter('file', here, ''),
        letter('file', here, '...yyy/a.txt'),
      ]),
      [],
    );
    assert.is(box.callsOf('item').length, 2);
  });

  test('without letters nothing is asked', async () => {
    const all = rig();
    assert.equal(await found(all, []), []);
    assert.equal(all.box.calls, []);
  });
});
