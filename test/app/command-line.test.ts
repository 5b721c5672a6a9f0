import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { stringify } from 'yaml';
import { runCommandLine } from '../../src/app/command-line.js';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.js';
import { type FakeSurroundings, fakeSurroundings } from '../support/fake-surroundings.js';
import { noService } from '../support/no-service.js';
import { suite } from '../support/suite.js';
import { inTemporaryFolder } from '../support/temporary-folder.js';

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(args: readonly string[], around: FakeSurroundings = fakeSurroundings()): Promise<Ended> {
  const code = await runCommandLine(args, around, noService);
  assert.not.match(around.err(), /^\s+at /m, 'no stack');
  return { code, out: around.out(), err: around.err() };
}

/** A folder with a configuration of a local index, with the paths inside. */
function withConfig(sections: object, work: (path: string, folder: string) => Promise<void>): Promise<void> {
  return inTemporaryFolder((folder) => {
    const path = join(folder, 'config.yml');
    writeFileSync(
      path,
      stringify({
        sink: 'local_index',
        local_index: { path: join(folder, 'index.sqlite') },
        state: { path: join(folder, 'state') },
        ...sections,
      }),
    );
    return work(path, folder);
  });
}

function boxOf({ url, credentials }: Simulator): object {
  return {
    is_enterprise: 'box_enterprise',
    base_url: url,
    client_id: credentials.clientId,
    client_secret: credentials.clientSecret,
    enterprise_id: credentials.enterpriseId,
    calls_per_minute: 0,
  };
}

suite(
  'runCommandLine',
  (test) => {
    test('--help and --version end with 0 and print on stdout alone', async () => {
      const help = await run(['--help']);
      assert.is(help.code, 0);
      assert.match(help.out, /^Usage: box-connector/);
      assert.is(help.err, '');
      for (const command of ['sync', 'check', 'login', 'status', 'dead-letters', 'search', 'simulate']) {
        assert.match(help.out, new RegExp(`^  ${command}\\b`, 'm'));
        const own = await run([command, '--help']);
        assert.is(own.code, 0);
        assert.match(own.out, new RegExp(`^Usage: box-connector ${command}\\b`));
      }
      const version = await run(['--version']);
      assert.equal(version, { code: 0, out: 'development\n', err: '' });
    });

    const wrong: readonly [args: string[], message: RegExp][] = [
      [['snyc'], /snyc/],
      [['sync', '--ful'], /unknown option '--ful'[\s\S]*--full/],
      [['sync', '--full', '--incremental'], /--full.*--incremental/],
      [['sync', '--record', 'a', '--replay', 'b'], /--record.*--replay/],
      [['--log-level', 'loud', 'status'], /loud.*debug, info, warn, error/],
      [['search'], /missing required argument/],
      [['search', '--limit', 'many', 'ship'], /many.*whole number/],
      [['login', '--port', '-1'], /whole number/],
      [['dead-letters', 'lst'], /lst|Usage/],
      [['simulate', '--preset', 'nowhere'], /Cannot make the tree "nowhere".*demo.*--preset/],
      [['simulate', '--port', '99999'], /Cannot listen on port 99999.*--port/],
    ];
    for (const [args, message] of wrong) {
      test(`"${args.join(' ')}" ends with 2 and says why`, async () => {
        const { code, out, err } = await run(args);
        assert.is(code, 2);
        assert.match(err, message);
        assert.is(out, '');
      });
    }

    test('all faults of the configuration are named at once, with exit code 2', () =>
      withConfig({ sink: 'printer', bulk: { max_items: 'many' }, bux: {} }, async (path) => {
        const { code, err } = await run(['--config', path, 'sync']);
        assert.is(code, 2);
        for (const name of ['sink', 'bulk.max_items', 'bux']) assert.match(err, new RegExp(`"${name}"`));
      }));

    test('a missing file is a fault of the configuration', async () => {
      const { code, err } = await run(['--config', '/nowhere/config.yml', 'status']);
      assert.is(code, 2);
      assert.match(err, /nowhere\/config\.yml/);
    });

    test('names in messages cannot disturb the terminal', async () => {
      const { err } = await run(['--config', '/nowhere/\u001b[2J\u009b.yml', 'status']);
      assert.not.match(err, /[\u001b\u009b]/);
      assert.match(err, /\\u001b\[2J\\u009b/);
    });

    test('an index that is not there ends with 1, in words with advice', () =>
      withConfig({}, async (path) => {
        const { code, err } = await run(['--config', path, 'search', 'ship']);
        assert.is(code, 1);
        assert.match(err, /^Cannot open the local index .*Run "sync"/);
        assert.is(err.trimEnd().split('\n').length, 1);
      }));

    test('general options count before the command and behind it', () =>
      withConfig({}, async (path) => {
        for (const args of [
          ['--config', path, 'status'],
          ['status', '--config', path],
          ['-c', path, '--log-level', 'debug', 'status'],
          ['status', '--log-level', 'warn', '-c', path],
        ]) {
          const { code, out } = await run(args);
          assert.is(code, 0, args.join(' '));
          assert.match(out, /^No run yet: /);
        }
      }));

    test('sync, status, dead-letters, search and check, on a simulated Box', async () => {
      const simulator = await startSimulator({ tree: 'demo' });
      try {
        await withConfig({ box: boxOf(simulator), pipeline: { name: '_none' } }, async (path) => {
          const first = await run(['--config', path, 'sync']);
          assert.is(first.code, 0, first.err);
          const summary = JSON.parse(first.out) as Record<string, number>;
          const items = [...simulator.box.truth()].length;
          assert.is(summary['listed'], items);
          assert.is(summary['written'], items);
          assert.is(summary['peakRssMiB'], 100);
          // Without a command it is a sync.
          const second = await run(['--config', path]);
          assert.is((JSON.parse(second.out) as Record<string, number>)['unchanged'], items);
          assert.equal(second.code, 0);

          const status = await run(['status', '--config', path]);
          assert.match(status.out, new RegExp(`^Items +${items} known, ${items} indexed$`, 'm'));
          assert.match(status.out, /^Run 2 .* complete: /m);
          assert.equal(await run(['dead-letters', 'list', '-c', path]), { code: 0, out: '', err: '' });
          assert.match((await run(['dead-letters', 'retry', '-c', path])).out, /No dead letters/);

          const hits = (await run(['-c', path, 'search', '--limit', '2', 'battery', 'room'])).out.trimEnd().split('\n');
          assert.ok(hits.length >= 1 && hits.length <= 2);
          for (const hit of hits) assert.type((JSON.parse(hit) as { path: unknown }).path, 'string');

          const check = await run(['check', '-c', path]);
          assert.is(check.code, 0, check.out);
          assert.match(check.out, /^ok +Box sign-in: signed in as /m);
        });
      } finally {
        await simulator.close();
      }
    });

    test('check of a configuration of the service is handed over, with its connectors', () =>
      inTemporaryFolder(async (folder) => {
        const path = join(folder, 'config.yml');
        writeFileSync(path, stringify({ connectors: [{ connector_id: 'my-box', service_type: 'box' }] }));
        const checked: unknown[] = [];
        const code = await runCommandLine(['check', '-c', path], fakeSurroundings(), {
          ...noService,
          check: ({ mode, config }) => {
            checked.push([mode, config.connectors.map(({ connector_id }) => connector_id)]);
            return Promise.resolve(1);
          },
        });
        assert.equal([code, checked], [1, [['service', ['my-box']]]]);
      }));

    test('Box refuses the sign-in: sync ends with 1, check says what is wrong and ends with 1', async () => {
      const simulator = await startSimulator({ tree: { users: 1 } });
      try {
        const box = { ...boxOf(simulator), client_secret: 'not-the-secret' };
        await withConfig({ box, pipeline: { name: '_none' } }, async (path) => {
          const sync = await run(['-c', path, 'sync']);
          assert.is(sync.code, 1);
          assert.match(sync.err, /client_id|client_secret/);
          assert.not.match(sync.err, /not-the-secret/);
          const check = await run(['-c', path, 'check']);
          assert.is(check.code, 1);
          assert.match(check.out, /^WRONG +Box sign-in: /m);
        });
      } finally {
        await simulator.close();
      }
    });

    test('simulate answers until it is asked to end', async () => {
      const around = fakeSurroundings();
      const ended = run(['simulate', '--port', '0'], around);
      while (around.out() === '') await delay(5);
      const { url } = JSON.parse(around.out()) as { url: string };
      assert.is((await fetch(`${url}/2.0/users/me`)).status, 401);
      around.stopping.abort();
      assert.is((await ended).code, 0);
    });
  },
  { timeoutMs: 30_000 },
);
