import { rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import * as assert from 'uvu/assert';
import { readLocalIndex } from '../../src/sinks/read-local-index.js';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.js';
import { Connector, type Ended } from '../support/connector.js';
import { type IndexedSource, assertEqualsBox } from '../support/index-contents.js';
import { suite } from '../support/suite.js';

/** A Box of 30 items in 10 folders, a run on it that was stopped in the middle, and the index that it has left. */
class Stopped {
  readonly sim: Simulator;
  readonly connector = new Connector();
  readonly path = join(this.connector.folder, 'index.sqlite');

  constructor(sim: Simulator) {
    this.sim = sim;
  }

  static async trial(work: (stopped: Stopped) => Promise<void>): Promise<void> {
    const sim = await startSimulator({ tree: { foldersPerUser: 10, depth: 2, filesPerFolder: 2 }, account: 'free' });
    const stopped = new Stopped(sim);
    try {
      await work(stopped);
    } finally {
      await sim.close();
      rmSync(stopped.connector.folder, { recursive: true, force: true });
    }
  }

  /** Everything is in the index; then the next run ends after half of the folders. */
  async stop(): Promise<void> {
    await this.syncs(0);
    const { stderr } = await this.syncs(3, [], { max_calls: 6 });
    assert.match(stderr, /max_calls/);
  }

  async syncs(code: number, options: readonly string[] = [], box: object = {}, run: object = {}): Promise<Ended> {
    const { clientId, clientSecret, refreshToken } = this.sim.credentials;
    this.connector.configure({
      sink: 'local_index',
      local_index: { path: this.path },
      box: {
        is_enterprise: 'box_free',
        client_id: clientId,
        client_secret: clientSecret,
        refresh_token: refreshToken,
        base_url: this.sim.url,
        calls_per_minute: 0,
        listing: { concurrency: 1 },
        ...box,
      },
      run,
      extraction: { method: 'none' },
    });
    const ended = await this.connector.run(['sync', ...options]);
    assert.is(ended.code, code, ended.stderr);
    return ended;
  }

  /** Somebody takes documents out of the index. */
  lose(count: number): void {
    const db = new Database(this.path);
    db.exec(`DELETE FROM doc WHERE id IN (SELECT id FROM doc ORDER BY id LIMIT ${count})`);
    db.close();
  }

  assertEqual(): void {
    const contents = new Map<string, IndexedSource>(
      Array.from(readLocalIndex(this.path), ({ id, document }) => [id, document]),
    );
    assertEqualsBox(contents, this.sim.box, { folderSizes: false });
  }
}

suite(
  'a run that was stopped, and the next command',
  (test) => {
    for (const options of [[], ['--full']]) {
      test(`documents that were taken from the index meanwhile are written again by "sync ${options.join(' ')}"`, () =>
        Stopped.trial(async (stopped) => {
          await stopped.stop();
          stopped.lose(6);
          const { summary } = await stopped.syncs(0, options);
          if (options.length > 0) assert.is(summary?.kind, 'full');
          stopped.assertEqual();
          const quiet = await stopped.syncs(0);
          assert.equal([quiet.summary?.kind, quiet.summary?.written], ['incremental', 0]);
        }));
    }

    test('--full on a full run that was stopped finds documents that were replaced one for one', () =>
      Stopped.trial(async (stopped) => {
        await stopped.syncs(0);
        await stopped.syncs(3, ['--full'], { max_calls: 6 });
        const db = new Database(stopped.path);
        db.exec(`UPDATE doc SET document = replace(document, '"signature":"', '"signature":"x')`);
        db.close();
        const { summary } = await stopped.syncs(0, ['--full']);
        assert.is(summary?.kind, 'full');
        stopped.assertEqual();
        assert.ok((summary?.written ?? 0) > 0, JSON.stringify(summary));
      }));

    test('--full --rewrite writes everything, and a rewrite that was stopped goes on as one', () =>
      Stopped.trial(async (stopped) => {
        await stopped.stop();
        const all = [...stopped.sim.box.truth()].length;
        const first = await stopped.syncs(3, ['--full', '--rewrite'], { max_calls: 6 });
        const second = await stopped.syncs(0, ['--full', '--rewrite']);
        assert.ok((first.summary?.written ?? 0) > 0);
        assert.equal([second.summary?.written, second.summary?.unchanged, second.summary?.listed], [all, 0, all]);
        stopped.assertEqual();
      }));

    test('what has changed in Box before it was gone on with: looked at anew after run.resume_within', () =>
      Stopped.trial(async (stopped) => {
        await stopped.stop();
        const { box } = stopped.sim;
        const items = [...box.truth()];
        for (const item of items) {
          if (item.type === 'folder') box.rename(item, `renamed ${item.id}`);
        }
        const [gone] = items.filter(({ type }) => type === 'file');
        box.trash(gone!);
        box.createFile({ name: 'new.txt', folder: '0' });
        const { summary, stderr } = await stopped.syncs(0, ['--allow-deletes'], {}, { resume_within: 0 });
        assert.match(stderr, /everything is looked at anew, what it has not listed first: it rested for/);
        assert.is(summary?.state, 'complete');
        stopped.assertEqual();
      }));

    test('runs that are stopped again and again, and rest too long each time, have looked at everything in turn', () =>
      Stopped.trial(async (stopped) => {
        let codes = '';
        for (let night = 0; night < 4; night += 1) {
          const ended = await stopped.syncs(3, [], { max_calls: 6 }, { resume_within: 0 });
          codes += String(ended.code);
        }
        assert.is(codes, '3333');
        stopped.assertEqual();
      }));
  },
  { timeoutMs: 90_000 },
);
