import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { Ended } from '../support/connector.js';
import { createTestKey } from '../support/elasticsearch-key.js';
import { needing, realElasticsearch } from '../support/real-parts.js';
import { serve } from '../support/serve.js';
import { suite } from '../support/suite.js';
import { serveExtraction } from './extraction-stub.js';
import { type Changes, type Scene, complete, inScene, summaryOf } from './scene.js';

const tree = { users: 2, foldersPerUser: 2, filesPerFolder: 3 };
/** A port on which nothing listens. */
const deadUrl = 'http://127.0.0.1:9';

interface Case {
  readonly title: string;
  readonly account?: 'free';
  /** Sections of the configuration; a function may prepare things first. */
  readonly changes?: Changes | ((scene: Scene) => Changes | Promise<Changes>);
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly code: number;
  /** What stderr must say: what is wrong, and what to do. */
  readonly says: readonly RegExp[];
  /** What must not be in it, beside the secrets of the scene. */
  readonly secrets?: readonly string[];
  /** The program may start its work on the index (an empty one may be left). */
  readonly makesIndex?: boolean;
}

const cases: readonly Case[] = [
  {
    title: 'wrong client secret',
    changes: { box: { client_secret: 'wrong-secret-4711' } },
    code: 1,
    says: [/sign in|token/i, /box\.client_secret/],
    secrets: ['wrong-secret-4711'],
    makesIndex: true,
  },
  {
    title: 'app that is not authorised by the administrator',
    changes: (scene) => {
      scene.sim.box.settings.app.authorized = false;
      return {};
    },
    code: 1,
    says: [/authori[sz]/i, /admin/i],
    makesIndex: true,
  },
  {
    title: 'spent refresh token',
    account: 'free',
    changes: { box: { refresh_token: 'spent-refresh-token-1' } },
    code: 1,
    says: [/refresh token/i, /login/],
    secrets: ['spent-refresh-token-1'],
    makesIndex: true,
  },
  {
    title: 'no refresh token',
    account: 'free',
    changes: { box: { refresh_token: undefined } },
    code: 1,
    says: [/login/],
    makesIndex: true,
  },
  {
    title: 'unreachable Box',
    changes: { box: { base_url: deadUrl }, retry: { max_attempts: 1, max_elapsed: 0.1 } },
    code: 1,
    says: [/127\.0\.0\.1:9/, /box\.base_url/],
    makesIndex: true,
  },
  {
    title: 'TLS where Box speaks none',
    changes: ({ sim }) => ({ box: { base_url: sim.url.replace('http:', 'https:') }, retry: { max_attempts: 1 } }),
    code: 1,
    says: [/TLS/, /box\.base_url/],
    makesIndex: true,
  },
  {
    title: 'unreachable Elasticsearch',
    changes: { elasticsearch: { host: deadUrl, max_wait_duration: 0.1 } },
    code: 1,
    says: [/Elasticsearch cannot be reached/, /elasticsearch\.host/],
  },
  {
    title: 'wrong API key',
    changes: { elasticsearch: { api_key: 'd3JvbmctaWQ6d3Jvbmcta2V5LTQ3MTE=' } },
    code: 1,
    says: [/refuses the sign-in/, /elasticsearch\.api_key/],
    secrets: ['d3JvbmctaWQ6d3Jvbmcta2V5LTQ3MTE'],
  },
  {
    title: 'key without privileges',
    changes: async ({ index }) => {
      const key = await createTestKey(realElasticsearch(), { index: `${index}-other` });
      return { elasticsearch: { api_key: key.encoded } };
    },
    code: 1,
    says: [/privilege/, /e2e-/],
  },
  {
    title: 'key that may read only',
    changes: async ({ index, client }) => {
      await client.indices.create({ index });
      const key = await createTestKey(realElasticsearch(), {
        index,
        indexPrivileges: ['read', 'view_index_metadata', 'monitor'],
      });
      return { elasticsearch: { api_key: key.encoded } };
    },
    code: 1,
    says: [/privilege/, /e2e-/],
    makesIndex: true,
  },
  {
    title: 'TLS where Elasticsearch speaks none',
    changes: () => ({ elasticsearch: { host: realElasticsearch().url.replace('http:', 'https:') } }),
    code: 1,
    says: [/TLS/, /elasticsearch\.host/],
  },
  {
    title: 'unknown key',
    changes: { box: { client_secrett: 'hidden-4711' } },
    code: 2,
    says: [/box\.client_secrett/, /box\.client_secret\b/],
    secrets: ['hidden-4711'],
  },
  {
    title: 'wrong types, all at once',
    changes: {
      box: { calls_per_minute: 'many', is_enterprise: 'box_gratis' },
      bulk: { max_items: -1 },
      deletes: { max_share: 20 },
      index: 'Wrong Name',
    },
    code: 2,
    says: [
      /box\.calls_per_minute.*many.*number/,
      /box\.is_enterprise.*box_gratis.*box_free/,
      /bulk\.max_items.*-1/,
      /deletes\.max_share.*20/,
      /index.*Wrong Name/,
    ],
  },
  {
    title: 'missing settings',
    changes: { box: { client_id: undefined, client_secret: undefined, enterprise_id: undefined } },
    code: 2,
    says: [/box\.client_id/, /box\.client_secret/, /box\.enterprise_id/],
  },
  { title: 'no index', changes: { index: undefined }, code: 2, says: [/index/] },
  {
    title: 'wrong sync rule',
    changes: {
      sync_rules: [{ id: 'r1', order: 0, policy: 'exclude', field: 'name', rule: 'regex', value: '(' }],
    },
    code: 2,
    says: [/r1/, /regular expression/],
  },
  {
    title: 'missing JWT file',
    changes: { box: { jwt_config_file: '/nowhere/config.json' } },
    code: 2,
    says: [/box\.jwt_config_file/, /\/nowhere\/config\.json/],
  },
  {
    title: 'JWT file that is none',
    changes: ({ connector }) => {
      const path = join(connector.folder, 'jwt.json');
      writeFileSync(path, '{"boxAppSettings": {}}');
      return { box: { jwt_config_file: path } };
    },
    code: 2,
    says: [/boxAppSettings/],
  },
  {
    title: 'missing authority file',
    changes: { elasticsearch: { host: 'https://127.0.0.1:9', ca_certs: '/nowhere/ca.pem' } },
    code: 2,
    says: [/elasticsearch\.ca_certs/, /\/nowhere\/ca\.pem/],
  },
  {
    title: 'missing secret file',
    env: { BOX_CLIENT_SECRET_FILE: '/nowhere/secret' },
    code: 2,
    says: [/\/nowhere\/secret/],
  },
  {
    title: 'missing pipeline',
    changes: { extraction: { method: 'ingest_attachment' }, pipeline: { name: 'e2e-no-such-pipeline' } },
    code: 1,
    says: [/e2e-no-such-pipeline/, /pipeline\.name|extraction\.method/],
    makesIndex: true,
  },
  {
    title: 'contradicting mapping',
    changes: async ({ index, client }) => {
      await client.indices.create({
        index,
        mappings: { properties: { name: { type: 'long' }, size: { type: 'keyword' } } },
      });
      return {};
    },
    code: 1,
    says: [/"name" is of type long/, /"size" is of type keyword/, /another index/],
    makesIndex: true,
  },
  { title: 'unknown command', args: ['snyc'], code: 2, says: [/snyc/, /sync/] },
  { title: 'unknown option', args: ['sync', '--fulll'], code: 2, says: [/--fulll/, /--full\b/] },
  {
    title: 'options that contradict',
    args: ['sync', '--full', '--incremental'],
    code: 2,
    says: [/--full/, /--incremental/],
  },
  {
    title: 'recording that is not there',
    args: ['sync', '--replay', '/nowhere/recording'],
    code: 2,
    says: [/\/nowhere\/recording/],
  },
  {
    title: 'unknown preset',
    args: ['simulate', '--preset', 'enormous', '--port', '0'],
    code: 2,
    says: [/enormous/, /demo/],
  },
  { title: 'wrong port', args: ['simulate', '--port', 'http'], code: 2, says: [/http/, /whole number/] },
  {
    title: 'local index that is not there',
    args: ['search', 'ferry'],
    changes: { sink: 'local_index' },
    code: 1,
    says: [/sync/],
  },
  {
    title: 'text service without an address',
    changes: { extraction: { method: 'extraction_service' } },
    code: 2,
    says: [/extraction_service\.host/],
  },
];

/** What every message has in common: short, in words, on stderr, without a stack trace or a secret. */
function assertClear(
  ended: Ended,
  scene: Scene,
  { code, says, secrets = [] }: Pick<Case, 'code' | 'says' | 'secrets'>,
): void {
  const { stderr, stdout } = ended;
  if (process.env['SHOW'] === 'true') console.log(`${String(ended.code)} ${stderr}`);
  assert.is(ended.code, code, stderr);
  for (const wanted of says) assert.match(stderr, wanted);
  assert.not.match(stderr, /^\s+at .+:\d+|node:internal|\[object |undefined|Unexpected error/m, stderr);
  const { clientSecret, refreshToken } = scene.sim.credentials;
  const config = readFileSync(scene.connector.configPath, 'utf8');
  const apiKey = /api_key: (\S+)/.exec(config)?.[1] ?? 'no key';
  for (const secret of [...secrets, clientSecret, refreshToken, apiKey]) {
    assert.not.ok(`${stderr}${stdout}`.includes(secret), `"${secret}" is shown: ${stderr}`);
  }
  assert.is(stdout, '');
  // One message: what was logged on the way is no message, and nothing is said twice.
  const words = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('{'));
  assert.is(new Set(words).size, words.length, stderr);
}

suite(
  'wrong input',
  (test) => {
    const run = needing(test, 'elasticsearch');

    for (const one of cases) {
      run(`${one.title}: one clear message`, () =>
        inScene({ tree, ...(one.account === undefined ? {} : { account: one.account }) }, async (scene) => {
          const { changes = {}, args = ['sync'], env } = one;
          scene.configure(typeof changes === 'function' ? await changes(scene) : changes);
          const ended = await scene.connector.run(args, env);
          assertClear(ended, scene, one);
          const exists = await scene.client.indices.exists({ index: scene.index });
          if (one.makesIndex !== true) assert.is(exists, false);
          else if (exists) assert.is((await scene.contents()).size, 0);
        }),
      );
    }

    run('missing configuration, and one that is no YAML', () =>
      inScene({ tree }, async (scene) => {
        const { connector } = scene;
        writeFileSync(connector.configPath, 'box: [unclosed\nindex: x');
        assertClear(await connector.run(['sync']), scene, { code: 2, says: [/config\.yml/, /line/i] });
        writeFileSync(connector.configPath, '');
        assertClear(await connector.run(['sync']), scene, { code: 2, says: [/box/] });
        const missing = await connector.run(['--config', '/nowhere/config.yml', 'sync']);
        assertClear(missing, scene, { code: 2, says: [/\/nowhere\/config\.yml/] });
      }),
    );

    for (const which of ['elasticsearch', 'box'] as const) {
      run(`a certificate that nobody has signed: ${which}`, () =>
        inScene({ tree }, async (scene) => {
          const { folder } = scene.connector;
          const paths = makeCertificate(folder);
          const server = createTlsServer(
            { key: readFileSync(paths.key), cert: readFileSync(paths.cert) },
            (_, response) => response.end('{}'),
          );
          await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
          const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
          try {
            scene.configure(which === 'box' ? { box: { base_url: url } } : { elasticsearch: { host: url } });
            const ended = await scene.connector.run(['sync']);
            const advice = which === 'box' ? /NODE_EXTRA_CA_CERTS/ : /elasticsearch\.ca_certs/;
            assertClear(ended, scene, { code: 1, says: [/TLS/, /self.signed|SELF_SIGNED/, advice] });
          } finally {
            server.closeAllConnections();
            await new Promise((resolve) => server.close(resolve));
          }
        }),
      );
    }

    for (const which of ['elasticsearch', 'box'] as const) {
      run(`a server that answers HTML: ${which}`, async () => {
        const server = await serve((_, response) => {
          response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>Please sign in</body></html>');
        });
        try {
          await inScene({ tree }, async (scene) => {
            scene.configure(
              which === 'box'
                ? { box: { base_url: server.url }, retry: { max_attempts: 1 } }
                : { elasticsearch: { host: server.url } },
            );
            const ended = await scene.connector.run(['sync']);
            const where = which === 'box' ? /box\.base_url/ : /elasticsearch\.host/;
            assertClear(ended, scene, { code: 1, says: [where] });
          });
        } finally {
          await server.close();
        }
      });
    }

    run('two processes at once: the second says who holds the state, the first is not disturbed', () =>
      inScene({ tree, settings: { latencyMs: 200 } }, async (scene) => {
        const { connector, sim } = scene;
        const first = connector.start(['sync']);
        while (sim.calls.total === 0) await new Promise((resolve) => setTimeout(resolve, 20));
        const second = await connector.run(['sync']);
        assertClear(second, scene, {
          code: 1,
          says: [new RegExp(`process ${String(first.process.pid)}`), /state\.path/],
        });
        complete(await first.ended);
        await scene.assertEqual();
      }),
    );

    run('with --log-level debug the stack of a failure is in the log, and still no secret', () =>
      inScene({ tree }, async (scene) => {
        scene.configure({ box: { client_secret: 'wrong-secret-4711' } });
        const { code, stderr } = await scene.connector.run(['sync', '--log-level', 'debug']);
        assert.is(code, 1);
        assert.match(stderr, /stack_trace/);
        assert.not.ok(stderr.includes('wrong-secret-4711'));
      }),
    );

    run('SIGINT once: what is listed is written, exit 130, and the next run goes on', () =>
      inScene(
        { tree: { users: 1, foldersPerUser: 60, filesPerFolder: 3 }, settings: { latencyMs: 40 } },
        async (scene) => {
          const { connector, sim, box } = scene;
          scene.configure({ box: { listing: { concurrency: 1 } } });
          const first = connector.start(['sync']);
          while (sim.calls.of('folders') < 10) await new Promise((resolve) => setTimeout(resolve, 10));
          first.kill('SIGINT');
          const ended = await first.ended;
          assert.is(ended.code, 130, ended.stderr);
          assert.is(ended.summary?.state, 'interrupted');
          assert.match(ended.stderr, /next run resumes it/);
          const { written = 0, listed } = ended.summary ?? {};
          assert.is(written, listed);
          assert.is((await scene.contents()).size, written);
          assert.ok(written > 0 && written < 240, `${written} written`);

          const next = await connector.run(['sync']);
          complete(next);
          assert.match(next.stderr, /going on where it was/);
          await scene.assertEqual();
          // What was settled is not listed again.
          assert.ok(sim.calls.of('folders') <= box.leastListingCalls() + 4, `${sim.calls.of('folders')} listings`);
        },
      ),
    );

    run('SIGINT twice: it no longer waits for what is under way, and the next run completes', async () => {
      const service = await serveExtraction();
      try {
        await inScene({ tree: { users: 1, foldersPerUser: 5, filesPerFolder: 3 } }, async (scene) => {
          const { connector, sim } = scene;
          const fault = sim.faults.add({ match: { route: 'download', nth: 2 }, answer: { kind: 'stall' } });
          scene.configure({
            extraction: { method: 'extraction_service' },
            extraction_service: { host: service.url },
          });
          const first = connector.start(['sync']);
          while (sim.calls.faults === 0) await new Promise((resolve) => setTimeout(resolve, 10));
          let isOver = false;
          void first.ended.then(() => (isOver = true));
          first.kill('SIGINT');
          for (let wait = 0; wait < 15; wait += 1) await new Promise((resolve) => setTimeout(resolve, 20));
          assert.is(isOver, false, 'the first signal waits for what is under way');
          const askedAt = Date.now();
          first.kill('SIGINT');
          const ended = await first.ended;
          assert.is(ended.code, 130, ended.stderr);
          assert.ok(Date.now() - askedAt < 2_000);
          assert.is(summaryOf(ended).state, 'interrupted');
          sim.faults.remove(fault.id);
          const next = await connector.run(['sync']);
          complete(next);
          await scene.assertEqual();
        });
      } finally {
        await service.close();
      }
    });
  },
  { timeoutMs: 30_000 },
);

/** A certificate of its own making, for 127.0.0.1. */
function makeCertificate(folder: string): { key: string; cert: string } {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  if (!existsSync(cert)) {
    const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    execFileSync('openssl', ['req', ...kind, '-keyout', key, '-out', cert, ...subject], { stdio: 'ignore' });
  }
  return { key, cert };
}
