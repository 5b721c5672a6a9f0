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
  /** `onListing`: called at each listing. */
  readonly #told: { onListing: () => void };

  constructor(sim: Simulator, told: { onListing: () => void }) {
    this.sim = sim;
    this.#told = told;
  }

  static async trial(work: (stopped: Stopped) => Promise<void>): Promise<void> {
    const told = { onListing: () => {} };
    const sim = await startSimulator({
      tree: { foldersPerUser: 10, depth: 2, filesPerFolder: 2 },
      account: 'free',
      // So slow that a signal arrives before the walk has ended.
      settings: { latencyMs: 40 },
      onRequest: ({ route }) => {
        if (route === 'folders') told.onListing();
      },
    });
    const stopped = new Stopped(sim, told);
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

  /** The next run is ended by a signal at the given listing. */
  async isTerminated(listings: number, run: object = {}): Promise<void> {
    this.configure({}, run);
    const running = this.connector.start(['sync']);
    let left = listings;
    this.#told.onListing = () => {
      left -= 1;
      if (left === 0) running.kill('SIGTERM');
    };
    const { code, stderr } = await running.ended;
    this.#told.onListing = () => {};
    assert.is(code, 130, stderr);
  }

  async syncs(code: number, options: readonly string[] = [], box: object = {}, run: object = {}): Promise<Ended> {
    this.configure(box, run);
    const ended = await this.connector.run(['sync', ...options]);
    assert.is(ended.code, code, ended.stderr);
    return ended;
  }

  configure(box: object, run: object): void {
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
  }

  /** All folders are renamed, a file goes, another one comes. */
  changeBox(): void {
    const { box } = this.sim;
    const items = [...box.truth()];
    for (const item of items) {
      if (item.type === 'folder') box.rename(item, `renamed ${item.id}`);
    }
    const [gone] = items.filter(({ type }) => type === 'file');
    box.trash(gone!);
    box.createFile({ name: 'new.txt', folder: '0' });
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

    test('what has changed in Box before it was resumed: looked at anew after run.resume_within', () =>
      Stopped.trial(async (stopped) => {
        await stopped.syncs(0);
        await stopped.isTerminated(6);
        stopped.changeBox();
        const { summary, stderr } = await stopped.syncs(0, ['--allow-deletes'], {}, { resume_within: 0 });
        assert.match(stderr, /everything is looked at anew, what it has not listed first: it rested for/);
        assert.equal([summary?.state, summary?.resumed], ['complete', false]);
        stopped.assertEqual();
      }));

    test('runs that are stopped again and again, and rest too long each time, have looked at everything in turn', () =>
      Stopped.trial(async (stopped) => {
        for (let night = 0; night < 4; night += 1) await stopped.isTerminated(6, { resume_within: 0 });
        stopped.assertEqual();
      }));

    test('a run that box.max_calls spreads over nights is resumed however long it rests, and says since when it has listed', () =>
      Stopped.trial(async (stopped) => {
        await stopped.syncs(0);
        const within = { resume_within: 0 };
        const first = await stopped.syncs(3, [], { max_calls: 6 }, within);
        assert.match(first.stderr, /The next run resumes it/);
        stopped.changeBox();
        const second = await stopped.syncs(0, ['--allow-deletes'], { max_calls: 30 }, within);
        assert.equal([second.summary?.run, second.summary?.resumed], [first.summary?.run, true]);
        assert.is(second.summary?.startedAt, first.summary?.startedAt);
        assert.match(second.stderr, /was resumed: what it had listed .* was not listed again/);
        // What has changed in the folders that were listed before the rest.
        const third = await stopped.syncs(0, ['--allow-deletes'], {}, within);
        assert.equal([third.summary?.resumed, /was resumed/.test(third.stderr)], [false, false]);
        stopped.assertEqual();
      }));
  },
  { timeoutMs: 90_000 },
);
