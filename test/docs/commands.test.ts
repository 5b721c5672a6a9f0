import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { stringify } from 'yaml';
import { runCommandLine } from '../../src/app/command-line.js';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.js';
import { type DocBlock, docBlocks, docPages, readDocPage } from '../support/documentation.js';
import { fakeSurroundings } from '../support/fake-surroundings.js';
import { noService } from '../support/no-service.js';
import { projectFolder } from '../support/source-files.js';
import { suite } from '../support/suite.js';
import { inTemporaryFolder } from '../support/temporary-folder.js';

/** Who runs a command of the pages that is not run here: a file, and the words in it that do. */
const runElsewhere: Readonly<Record<string, readonly [file: string, words: string]>> = {
  'make test': ['.ci/run', 'make test'],
  'make check': ['.ci/run', 'check:$part'],
  // `make test` builds first.
  'make build': ['Makefile', 'test: build'],
  'make demo': ['test/e2e/demo.test.ts', 'demo.mjs'],
  'npm run test:unit': ['Makefile', '$(tests) unit'],
  'node --import tsx test/run.ts unit core/': ['test/run.ts', 'await import('],
  'node --import tsx test/run.ts integration e2e': ['Makefile', '$(tests) unit integration e2e'],
  'node --import tsx test/core/ledger.test.ts': ['test/run.ts', 'await import('],
  'node --import tsx examples/own-mapping.ts data/own-mapping.sqlite': [
    'test/examples/own-mapping.test.ts',
    "runExample('own-mapping'",
  ],
};

interface Command {
  readonly place: string;
  readonly line: string;
  /** Variables that stand before it. */
  readonly env: Readonly<Record<string, string>>;
  /** Behind `node dist/main.js`; `undefined` for another program. */
  readonly args: readonly string[] | undefined;
}

function commandsOf({ place, text }: DocBlock): readonly Command[] {
  return text
    .split('\n')
    .map((line) => line.replace(/ +#.*/, '').trim())
    .filter((line) => line !== '')
    .map((line) => {
      const words = line.split(/\s+/);
      const start = words.findIndex((word) => !/^[A-Z_]+=/.test(word));
      const env = Object.fromEntries(
        words.slice(0, start).map((word): [string, string] => [word.replace(/=.*/, ''), word.replace(/^[^=]*=/, '')]),
      );
      const isOurs = words[start] === 'node' && words[start + 1] === 'dist/main.js';
      return { place, line, env, args: isOurs ? words.slice(start + 2) : undefined };
    });
}

interface Scene {
  readonly folder: string;
  readonly enterprise: Simulator;
  readonly free: Simulator;
}

/** Runs one command of the program, on a simulated Box, and says how it ended. */
async function run({ place, args = [], env }: Command, { folder, enterprise, free }: Scene): Promise<void> {
  const isLogin = args.includes('login');
  const isService = /kibana|operations|moving/.test(place) && args.filter((word) => !word.startsWith('-')).length === 1;
  const simulator = isLogin ? free : enterprise;
  const { clientId, clientSecret, enterpriseId } = simulator.credentials;
  const box = {
    ...(isLogin ? { is_enterprise: 'box_free' } : { is_enterprise: 'box_enterprise', enterprise_id: enterpriseId }),
    ...{ base_url: simulator.url, authorize_url: `${simulator.url}/api/oauth2/authorize` },
    ...{ client_id: clientId, client_secret: clientSecret, calls_per_minute: 0 },
  };
  const config = join(folder, `${isService ? 'service' : isLogin ? 'login' : 'config'}.yml`);
  const common = { state: { path: join(folder, isLogin ? 'login' : 'state') }, pipeline: { name: '_none' } };
  const one = { sink: 'local_index', local_index: { path: join(folder, 'index.sqlite') }, box };
  const service = { connectors: [{ connector_id: 'my-box', service_type: 'box' }] };
  writeFileSync(config, stringify({ ...common, ...(isService ? service : one) }));
  const path = args.findIndex((word) => word === '--config' || word === '-c') + 1;
  const ownPort = isLogin || args.includes('simulate') ? ['--port', '0'] : [];
  const replaced = [...args.map((word, index) => (path > 0 && index === path ? config : word)), ...ownPort];
  const around = fakeSurroundings({
    env: Object.keys(env).length === 0 ? {} : { ...env, ...envOf(box) },
  });
  let served = 0;
  const ended = runCommandLine(replaced, around, {
    ...noService,
    serve: () => {
      served += 1;
      return Promise.resolve(0);
    },
  });
  if (isLogin) await asTheBrowser(around.err);
  if (args.includes('simulate')) {
    while (around.out() === '') await delay(5);
    around.stopping.abort();
  }
  assert.is(await ended, 0, `${place}: ${around.err()}${around.out()}`);
  assert.is(served, isService ? 1 : 0, `${place}: whether it is the service`);
}

/** What a reader puts in place of the values in the line. */
function envOf(box: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    ['base_url', 'authorize_url', 'client_id', 'client_secret'].map((key) => [
      `BOX_${key.toUpperCase()}`,
      String(box[key]),
    ]),
  );
}

async function asTheBrowser(err: () => string): Promise<void> {
  while (!/redirect URI/.test(err())) await delay(5);
  const [address = ''] = /http\S+authorize\S+/.exec(err()) ?? [];
  await (await fetch(address)).text();
}

suite(
  'commands in the documentation',
  (test) => {
    const blocks = docPages.flatMap(docBlocks);
    const shell = blocks.filter(({ language }) => language === 'sh');
    const commands = shell.filter(({ isRun }) => isRun).flatMap(commandsOf);

    test('those of the program run, and end with 0', () =>
      inTemporaryFolder(async (folder) => {
        const ours = commands.filter(({ args }) => args !== undefined);
        assert.ok(ours.length > 15, `${ours.length} commands were found`);
        const enterprise = await startSimulator({
          tree: { users: 2, foldersPerUser: 1, filesPerFolder: 2, textBytes: 100, extensions: ['txt'] },
        });
        const free = await startSimulator({ tree: { users: 1 }, account: 'free' });
        try {
          for (const command of ours) await run(command, { folder, enterprise, free });
        } finally {
          await enterprise.close();
          await free.close();
        }
      }));

    test('all others are run by something that is named here', () => {
      const others = commands.filter(({ args }) => args === undefined);
      assert.ok(others.length > 5, `${others.length} commands were found`);
      for (const { place, line } of others) {
        const found = runElsewhere[line];
        if (found === undefined)
          throw new Error(`${place}: nothing runs "${line}"; mark the block as "sh not-run", and say why`);
        const [file, words] = found;
        assert.ok(existsSync(join(projectFolder, file)), `${place}: ${file}`);
        assert.ok(
          readFileSync(join(projectFolder, file), 'utf8').includes(words),
          `${place}: ${file} has no "${words}"`,
        );
      }
      const unused = Object.keys(runElsewhere).filter((known) => !others.some(({ line }) => line === known));
      assert.equal(unused, []);
    });

    test('a page with something that is not run says so, and why', () => {
      const notRun = blocks.filter(({ isRun }) => !isRun);
      assert.ok(notRun.length > 0);
      for (const page of new Set(notRun.map((block) => block.page))) {
        assert.match(readDocPage(page), /\bnot run by (?:them|our tests|the tests)\b/i, page);
      }
    });
  },
  { timeoutMs: 60_000 },
);
