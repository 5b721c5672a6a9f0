import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { type Certificates, makeCertificates } from '../support/certificates.js';
import type { Ended } from '../support/connector.js';
import { needing, realElasticsearch } from '../support/real-parts.js';
import { suite } from '../support/suite.js';
import { type ConnectProxy, type Tunnel, startConnectProxy, startTls } from '../support/tunnels.js';
import { type Scene, complete, inScene, summaryOf } from './scene.js';

const tree = { users: 2, foldersPerUser: 2, filesPerFolder: 3 };
/** Nobody but the proxy finds it. */
const boxHost = 'box.invalid';

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

interface Behind {
  readonly scene: Scene;
  readonly certificates: Certificates;
  readonly box: Tunnel;
  readonly elasticsearch: Tunnel;
  /** Starts a proxy to the Box that speaks TLS; closed with the scene. */
  readonly proxy: (options?: Parameters<typeof startConnectProxy>[1]) => Promise<ConnectProxy>;
}

/** A scene with TLS in front of Box and of Elasticsearch, signed by an authority of its own. */
async function behindTls(test: (behind: Behind) => Promise<void>): Promise<void> {
  await inScene({ tree }, async (scene) => {
    const certificates = makeCertificates(join(scene.connector.folder, 'tls'), ['127.0.0.1', boxHost]);
    const box = await startTls(scene.sim.url, certificates);
    const elasticsearch = await startTls(realElasticsearch().url, certificates);
    const open: Tunnel[] = [box, elasticsearch];
    try {
      await test({
        scene,
        certificates,
        box,
        elasticsearch,
        async proxy(options) {
          const proxy = await startConnectProxy(box.port, options);
          open.push(proxy);
          return proxy;
        },
      });
    } finally {
      for (const tunnel of open) await tunnel.close();
    }
  });
}

function assertSays({ code, stderr, stdout }: Ended, says: readonly RegExp[], secrets: readonly string[] = []): void {
  assert.is(code, 1, stderr);
  for (const wanted of says) assert.match(stderr, wanted);
  assert.not.match(stderr, /^\s+at .+:\d+|node:internal|\[object |undefined/m, stderr);
  for (const secret of secrets) assert.not.ok(`${stderr}${stdout}`.includes(secret), `"${secret}" is shown: ${stderr}`);
}

suite(
  'networks: TLS, proxies, and what breaks on the way',
  (test) => {
    const real = needing(test, 'elasticsearch');
    const withTls = hasOpenssl()
      ? real
      : (name: string) => test.skip(name, 'openssl, which makes the certificates, is not there');

    withTls('an authority of its own for Elasticsearch: trusted, another one trusted, none looked at', () =>
      behindTls(async ({ scene, certificates, elasticsearch }) => {
        const host = `https://127.0.0.1:${elasticsearch.port}`;
        const other = makeCertificates(join(scene.connector.folder, 'other'), ['127.0.0.1']);
        for (const settings of [{}, { ca_certs: other.ca }]) {
          scene.configure({ elasticsearch: { host, ...settings } });
          assertSays(await scene.connector.run(['sync']), [
            /TLS connection to Elasticsearch/,
            /elasticsearch\.ca_certs/,
          ]);
        }
        assert.is(await scene.client.indices.exists({ index: scene.index }), false);
        scene.configure({ elasticsearch: { host, ca_certs: certificates.ca } });
        await scene.sync();
        await scene.assertEqual();
        scene.configure({ elasticsearch: { host, verify_certs: false } });
        await scene.sync('--full');
        assert.ok(elasticsearch.connections() > 0);
      }),
    );

    withTls('Box through a proxy that wants a password; Elasticsearch past it; NO_PROXY past it', () =>
      behindTls(async ({ scene, certificates, box, elasticsearch, proxy }) => {
        const { port, asked } = await proxy({ credentials: 'us er:p@ss-4711' });
        const env = {
          HTTPS_PROXY: `http://us%20er:p%40ss-4711@127.0.0.1:${port}`,
          NODE_EXTRA_CA_CERTS: certificates.ca,
        };
        const target = { host: `https://127.0.0.1:${elasticsearch.port}`, ca_certs: certificates.ca };
        scene.configure({ box: { base_url: `https://${boxHost}` }, elasticsearch: target });
        const ended = await scene.connector.run(['sync', '--log-level', 'debug'], env);
        complete(ended);
        await scene.assertEqual();
        assert.ok(asked.length > 0);
        assert.equal([...new Set(asked)], [`${boxHost}:443`], 'nothing but Box is asked of the proxy');
        assert.not.match(ended.stderr, /4711/);

        const before = asked.length;
        scene.configure({ box: { base_url: `https://127.0.0.1:${box.port}` }, elasticsearch: target });
        complete(await scene.connector.run(['sync'], { ...env, NO_PROXY: 'localhost, 127.0.0.1' }));
        assert.is(asked.length, before);
      }),
    );

    withTls('a proxy that refuses, wants another password, or is not there', () =>
      behindTls(async ({ scene, certificates, proxy }) => {
        scene.configure({ box: { base_url: `https://${boxHost}` }, retry: { max_attempts: 1, max_elapsed: 0.1 } });
        const wants = await proxy({ credentials: 'user:right' });
        const forbids = await proxy({ refuses: 403 });
        const cannot = await proxy({ refuses: 502 });
        const closed = await proxy();
        await closed.close();
        for (const [port, says] of [
          [wants.port, /the proxy answered 407; .*HTTPS_PROXY/],
          [forbids.port, /the proxy answered 403; .*NO_PROXY/],
          [cannot.port, /the proxy answered 502; look whether it reaches the host/],
          [closed.port, /the proxy cannot be reached .*check HTTPS_PROXY/],
        ] as const) {
          const env = {
            HTTPS_PROXY: `http://user:wrong-4711@127.0.0.1:${port}`,
            NODE_EXTRA_CA_CERTS: certificates.ca,
          };
          const ended = await scene.connector.run(['sync'], env);
          assertSays(ended, [says]);
          assert.not.match(ended.stderr, /wrong-4711|d3JvbmctNDcxMQ/);
        }
      }),
    );

    real('a host that no name server knows', () =>
      inScene({ tree }, async (scene) => {
        const retry = { max_attempts: 1, max_elapsed: 0.1 };
        scene.configure({ box: { base_url: `https://${boxHost}` }, retry });
        assertSays(await scene.connector.run(['sync']), [/box\.invalid/, /host name is not known|name server/]);
        scene.configure({ elasticsearch: { host: `https://${boxHost}:9200` }, retry });
        assertSays(await scene.connector.run(['sync']), [/Elasticsearch cannot be reached/, /elasticsearch\.host/]);
      }),
    );

    withTls('the way to Box is cut in the middle: the run ends resumably, and the next goes on', () =>
      inScene(
        { tree: { users: 1, foldersPerUser: 60, filesPerFolder: 3 }, settings: { latencyMs: 20 } },
        async (scene) => {
          const certificates = makeCertificates(join(scene.connector.folder, 'tls'), ['127.0.0.1']);
          const box = await startTls(scene.sim.url, certificates);
          const env = { NODE_EXTRA_CA_CERTS: certificates.ca };
          const retry = { max_attempts: 2, max_elapsed: 0.2, base_delay: 0.02 };
          scene.configure({ box: { base_url: `https://127.0.0.1:${box.port}`, listing: { concurrency: 2 } }, retry });
          const first = scene.connector.start(['sync'], env);
          while (scene.sim.calls.of('folders') < 10) await new Promise((resolve) => setTimeout(resolve, 10));
          await box.close();
          const ended = await first.ended;
          assert.is(ended.code, 3, ended.stderr);
          assert.is(summaryOf(ended).state, 'interrupted');
          assert.match(ended.stderr, /Box does not answer.*127\.0\.0\.1/);
          const again = await startTls(scene.sim.url, certificates, box.port);
          try {
            const next = await scene.connector.run(['sync'], env);
            complete(next);
            assert.match(next.stderr, /going on where it was/);
            await scene.assertEqual();
          } finally {
            await again.close();
          }
        },
      ),
    );
  },
  { timeoutMs: 40_000 },
);
