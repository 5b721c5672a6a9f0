import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { runCommandLine } from '../../src/app/command-line.js';
import { connectorStatePath } from '../../src/app/connector-state-path.js';
import { statusCommand } from '../../src/app/status-command.js';
import { listDeadLettersCommand } from '../../src/app/list-dead-letters-command.js';
import { makeLog } from '../../src/app/log.js';
import { retryTextsCommand } from '../../src/app/retry-texts-command.js';
import { statePath } from '../../src/app/state-path.js';
import { lockState } from '../../src/state/lock-state.js';
import { sqliteStore } from '../../src/state/sqlite-store.js';
import { emptyReport } from '../support/empty-report.js';
import { fakeSurroundings } from '../support/fake-surroundings.js';
import { knownItem } from '../support/known-item.js';
import { loadTestConfig } from '../support/load-test-config.js';
import { noService } from '../support/no-service.js';
import { suite } from '../support/suite.js';
import { inTemporaryFolder } from '../support/temporary-folder.js';

function context(lines: string[]) {
  const around = fakeSurroundings();
  const log = makeLog({ level: 'error', readable: true, version: '0' }, around.stderr);
  return { ...around, log, version: '0', say: (line: string) => void lines.push(line) };
}

suite('status and dead-letters list', (test) => {
  test('retry-texts has the next run try what was given up, and not while a run is under way', () =>
    inTemporaryFolder((folder) => {
      const loaded = loadTestConfig({ sink: 'local_index', state: { path: join(folder, 'state') } });
      const path = statePath(loaded.config);
      const ask = (command: typeof retryTextsCommand) => {
        const lines: string[] = [];
        assert.is(command(loaded, context(lines), {}), 0);
        return lines;
      };
      assert.match(ask(retryTextsCommand)[0] ?? '', /^No run yet/);
      const store = sqliteStore(path);
      store.catalogue.record([knownItem({ id: '1', version: { signature: 's', content: 'v1' } })]);
      store.contentTries.failed({ id: '1', content: 'v1' });
      store.close();
      assert.ok(ask(statusCommand).includes('Texts        1 given up; "retry-texts" has them tried again'));
      const lock = lockState(path, 'process 4711');
      assert.throws(() => ask(retryTextsCommand), /in use by process 4711/);
      lock.release();
      assert.equal(ask(retryTextsCommand), ['1 texts that were given up are tried again in the next run']);
      assert.equal(ask(retryTextsCommand), ['No text was given up']);
      assert.not(ask(statusCommand).some((line) => line.startsWith('Texts')));
    }));

  test('say what the state has, beside a store that is open', () =>
    inTemporaryFolder((folder) => {
      const loaded = loadTestConfig({ sink: 'local_index', state: { path: join(folder, 'state') } });
      const store = sqliteStore(statePath(loaded.config));
      try {
        const id = store.runs.start({ kind: 'full', rewrite: false, startedAt: 0, scope: '' });
        const unread = [{ type: 'folder', id: '7', path: '/A', reason: 'Box said 403' }] as const;
        store.catalogue.record([knownItem({ id: '1' }), knownItem({ id: '2', version: null })]);
        store.deadLetters.add([
          { documentId: '2', type: 'file', id: '2', path: '/b', operation: 'index', reason: 'too long', lastTried: 0 },
        ]);
        store.runs.end(id, {
          state: 'incomplete',
          endedAt: 1,
          report: { ...emptyReport, listed: 2, written: 1, rejected: 1, unread },
        });
        const status: string[] = [];
        assert.is(statusCommand(loaded, context(status), {}), 0);
        assert.equal(status.slice(1), [
          'Items        2 known, 1 indexed',
          'Dead letters 1',
          `Run ${id}  1970-01-01T00:00:00.000Z  full  incomplete: 2 listed, 1 written, 0 unchanged, 0 filtered, 1 rejected, 0 deleted, 0 deletes held`,
          '  not read: folder 7 "/A": Box said 403',
        ]);
        const letters: string[] = [];
        assert.is(listDeadLettersCommand(loaded, context(letters), { limit: 10 }), 0);
        const [letter] = letters.map((line) => JSON.parse(line) as Record<string, unknown>);
        assert.is(letters.length, 1);
        assert.is(letter?.['reason'], 'too long');
        assert.is(letter?.['lastTried'], '1970-01-01T00:00:00.000Z');
        assert.is(letter?.['path'], '/b');
      } finally {
        store.close();
      }
    }));

  test('--connector looks at the state of a connector of the service', () =>
    inTemporaryFolder(async (folder) => {
      const { config } = loadTestConfig({ sink: 'local_index', state: { path: folder } });
      const store = sqliteStore(connectorStatePath(config, 'my/box'));
      store.catalogue.record([knownItem({ id: '1' })]);
      store.deadLetters.add([
        { documentId: '2', type: 'file', id: '2', path: '/b', operation: 'index', reason: 'too long', lastTried: 0 },
      ]);
      store.close();
      const printed = async (...args: string[]) => {
        const around = fakeSurroundings({ env: { STATE_PATH: folder } });
        assert.is(await runCommandLine(args, around, noService), 0, around.err());
        return around.out();
      };
      assert.match(await printed('status', '--connector', 'my/box'), /Items {8}1 known, 1 indexed\nDead letters 1\n/);
      assert.match(await printed('status'), /^No run yet/);
      assert.match(await printed('dead-letters', 'list', '--connector', 'my/box'), /"reason":"too long"/);
      assert.is(await printed('dead-letters', 'list'), '');
    }));

  test('a terminal gets no control characters of anybody', async () => {
    const around = fakeSurroundings({ isTTY: true });
    const code = await runCommandLine(['status', '--config', 'nowhere\u001b[2J.yml'], around, noService);
    assert.is(code, 2);
    assert.not.match(around.out() + around.err(), /\u001b/);
  });
});
