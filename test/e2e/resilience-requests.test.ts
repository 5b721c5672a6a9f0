import * as assert from 'uvu/assert';
import { needing } from '../support/real-parts.js';
import { suite } from '../support/suite.js';
import { SyncTrial } from '../support/sync-trial.js';

/** A request beside the bulk, and what the program is told so that it sends it. */
interface Request {
  readonly name: string;
  readonly is: (method: string, path: string) => boolean;
  readonly command: readonly string[];
  /** It is sent only where the index is not there yet. */
  readonly needsNoIndex?: boolean;
}

const isIndex = (path: string) => /^\/resilience-[^/]+(\?|$)/.test(path);
const sync = ['sync'];
const full = ['sync', '--full'];

const requests: readonly Request[] = [
  { name: 'GET index', is: (method, path) => method === 'GET' && isIndex(path), command: sync },
  { name: 'PUT index', is: (method, path) => method === 'PUT' && isIndex(path), command: sync, needsNoIndex: true },
  { name: 'refresh', is: (_method, path) => path.includes('/_refresh'), command: sync },
  { name: 'count', is: (_method, path) => path.includes('/_count'), command: sync },
  { name: 'point in time', is: (method, path) => method === 'POST' && path.includes('/_pit'), command: full },
  { name: 'search', is: (_method, path) => path.includes('/_search'), command: full },
  {
    name: 'end of the point in time',
    is: (method, path) => method === 'DELETE' && path.includes('/_pit'),
    command: full,
  },
  { name: 'pipeline probe', is: (_method, path) => path.includes('/_bulk'), command: sync },
  { name: 'privileges probe', is: (_method, path) => path.includes('/_has_privileges'), command: ['check'] },
  { name: 'version', is: (method, path) => method === 'GET' && path === '/', command: ['check'] },
];

const faults = [
  { name: '503', answer: { status: 503, body: { error: { type: 'unavailable', reason: 'for now' } } } },
  { name: '429', answer: { status: 429, body: { error: { type: 'circuit_breaking_exception', reason: 'for now' } } } },
  { name: 'cut', answer: 'cut' },
] as const;

suite(
  'resilience: requests to Elasticsearch beside the bulk',
  (test) => {
    const real = needing(test, 'elasticsearch');
    let trial: SyncTrial;
    const pipeline = `requests-${process.pid}`;

    test.before(async () => {
      if (process.env['TEST_ELASTICSEARCH_URL'] === undefined) return;
      trial = await SyncTrial.start({
        name: 'requests',
        account: 'free',
        proxied: true,
        tree: { foldersPerUser: 2, filesPerFolder: 3 },
        config: {
          elasticsearch: { max_wait_duration: 0, initial_backoff_duration: 0.1 },
          extraction: { method: 'ingest_attachment' },
          pipeline: { name: pipeline },
        },
      });
      await trial.client.ingest.putPipeline({ id: pipeline, processors: [] });
      await trial.syncs(0);
    });
    test.after(async () => {
      if (process.env['TEST_ELASTICSEARCH_URL'] === undefined) return;
      await trial.client.ingest.deletePipeline({ id: pipeline });
      await trial.close();
    });

    for (const { name, is, command, needsNoIndex = false } of requests) {
      for (const fault of faults) {
        real(`${name}: ${fault.name} once is waited out`, async () => {
          if (needsNoIndex) await trial.client.indices.delete({ index: trial.index });
          let asked = 0;
          trial.proxy.onOther = (method, path) => (is(method, path) && ++asked === 1 ? fault.answer : undefined);
          const { code, stdout, stderr } = await trial.connector.run([...command]);
          trial.proxy.onOther = undefined;
          assert.is(code, 0, `${stdout} ${stderr.slice(-3_000)}`);
          assert.ok(asked >= 2, `asked ${asked} times`);
          assert.match(stderr, /; trying again in /);
          const { count } = await trial.client.count({ index: trial.index });
          assert.is(count, [...trial.box.truth()].length);
        });
      }
    }

    real(
      'a cluster that answers a while after the start is waited for; one that does not answer is not for ever',
      async () => {
        trial.configure({ elasticsearch: { max_wait_duration: 30 } });
        await trial.proxy.down();
        const running = trial.start();
        await new Promise<void>((resolve) => {
          let said = '';
          running.process.stderr?.on('data', (text: Buffer | string) => {
            said += String(text);
            if (said.includes('trying again in')) resolve();
          });
        });
        await trial.proxy.up();
        const late = await running.ended;
        assert.is(late.code, 0, late.stderr.slice(-3_000));
        assert.match(late.stderr, /cannot be reached.*; trying again in /);
        trial.configure({ elasticsearch: { max_wait_duration: 0.3 } });
        await trial.proxy.down();
        const never = await trial.sync();
        await trial.proxy.up();
        trial.configure();
        assert.is(never.code, 1);
        assert.match(never.stderr, /elasticsearch\.max_wait_duration is 0\.3 s/);
      },
    );

    real(
      'a count that cannot be had does not undo a complete sync, and the next run need not read the index',
      async () => {
        trial.configure({ elasticsearch: { max_retries: 1 } });
        const [file] = [...trial.box.truth()].filter(({ type }) => type === 'file');
        trial.box.rename(file as never, 'renamed.txt');
        let counts = 0;
        trial.proxy.onOther = (_method, path) =>
          path.includes('/_refresh') && ++counts > 1
            ? { status: 503, body: { error: { type: 'unavailable', reason: 'for long' } } }
            : undefined;
        const ended = await trial.sync();
        assert.is(ended.code, 0, ended.stderr);
        assert.is(ended.summary?.state, 'complete');
        assert.match(
          ended.stderr,
          /Everything is written, but what the index holds could not be looked at: Cannot count/,
        );
        const seen: string[] = [];
        trial.proxy.onOther = (_method, path) => void seen.push(path);
        const next = await trial.syncs(0);
        trial.proxy.onOther = undefined;
        trial.configure();
        assert.is(next.written, 0);
        assert.equal(
          seen.filter((path) => path.includes('/_pit')),
          [],
        );
        // A document that somebody removed is missed all the same.
        await trial.client.delete({ index: trial.index, id: file?.id ?? '', refresh: true });
        assert.is((await trial.syncs(0)).written, 1);
      },
    );
  },
  { timeoutMs: 60_000 },
);
