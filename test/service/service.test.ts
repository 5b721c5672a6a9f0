import { mkdirSync } from 'node:fs';
import * as assert from 'uvu/assert';
import { systemClock } from '../../src/core/clock.js';
import { PermanentError } from '../../src/core/errors.js';
import { connectorStatePath } from '../../src/app/connector-state-path.js';
import { configurationSchema } from '../../src/service/configuration-schema.js';
import { runService } from '../../src/service/service.js';
import { sharedProtocol } from '../../src/service/protocols.js';
import type { WholeServiceDeps } from '../../src/service/service-deps.js';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.js';
import { lockState } from '../../src/state/lock-state.js';
import { rejectionOf } from '../support/fake-http.js';
import { loadTestConfig } from '../support/load-test-config.js';
import { suite } from '../support/suite.js';
import { VirtualClock } from '../support/virtual-clock.js';
import { inTemporaryFolder } from '../support/temporary-folder.js';
import { MemoryProtocol } from './memory-protocol.js';
import { quietLog } from './quiet-log.js';

interface Rig {
  readonly protocol: MemoryProtocol;
  readonly deps: WholeServiceDeps;
  readonly text: () => string;
}

/** A service that looks every 10 ms, on documents in memory; a job that gets as far as Elasticsearch fails there. */
async function inRig(
  ids: readonly string[],
  test: (rig: Rig) => Promise<void>,
  { box = 'http://127.0.0.1:9', service = {} }: { readonly box?: string; readonly service?: object } = {},
): Promise<void> {
  await inTemporaryFolder(async (folder) => {
    const { config } = loadTestConfig({
      connectors: ids.map((id) => ({ connector_id: id, service_type: 'box' })),
      elasticsearch: { host: 'http://127.0.0.1:9', max_retries: 0, max_wait_duration: 0 },
      box: { base_url: box },
      retry: { max_attempts: 1 },
      state: { path: folder },
      service: { idling: 0.01, job_cleanup_interval: 0.01, ...service },
    });
    const protocol = new MemoryProtocol();
    const { log, text } = quietLog();
    const never = new AbortController().signal;
    await test({
      protocol,
      text,
      deps: {
        protocols: sharedProtocol(protocol),
        clock: systemClock,
        random: () => 0.5,
        log,
        env: {},
        version: 'test',
        hostname: 'here',
        holder: 'this test',
        config,
        endpoint: null,
        stop: never,
        abort: never,
        kill: never,
      },
    });
  });
}

/** Runs the service until `isDone`, then stops it. */
async function runUntil({ deps, text }: Rig, isDone: () => boolean): Promise<void> {
  const stop = new AbortController();
  const ended = runService({ ...deps, stop: stop.signal });
  const until = Date.now() + 4_000;
  while (!isDone()) {
    if (Date.now() > until) assert.unreachable(`not done: ${text()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  stop.abort();
  await ended;
}

function filled({ credentials }: Simulator, secret = credentials.clientSecret): Record<string, unknown> {
  const configuration = structuredClone(configurationSchema) as unknown as Record<string, Record<string, unknown>>;
  const values = {
    is_enterprise: 'box_enterprise',
    client_id: credentials.clientId,
    client_secret: secret,
    enterprise_id: credentials.enterpriseId,
  };
  for (const [key, value] of Object.entries(values)) configuration[key] = { ...configuration[key], value };
  return { service_type: 'box', status: 'configured', index_name: 'nowhere', configuration };
}

const job = (connector: string, fields: object = {}) => ({
  connector: { id: connector },
  status: 'pending',
  job_type: 'full',
  created_at: '2026-03-01T12:00:00.000Z',
  ...fields,
});

suite('runService', (test) => {
  test('signs in to Box for each connector, and says of each how that went', async () => {
    const box = await startSimulator({ tree: 'empty' });
    try {
      await inRig(
        ['good', 'bad'],
        async (rig) => {
          rig.protocol.putConnector('good', filled(box));
          rig.protocol.putConnector('bad', filled(box, 'wrong'));
          const statusOf = (id: string) => rig.protocol.connectorSource(id)['status'];
          await runUntil(rig, () => statusOf('good') === 'connected' && statusOf('bad') === 'error');
          assert.match(String(rig.protocol.connectorSource('bad')['error']), /^AuthError: /);
        },
        { box: box.url },
      );
    } finally {
      await box.close();
    }
  });

  test('ends a job that cannot be run, with the reason on job and connector, and runs the next one', () =>
    inRig(['a'], async (rig) => {
      const { protocol } = rig;
      protocol.putConnector('a', { service_type: 'box', status: 'needs_configuration', configuration: {} });
      protocol.putJob('1', job('a'));
      protocol.putJob('2', job('a', { job_type: 'access_control', created_at: '2026-03-01T13:00:00.000Z' }));
      await runUntil(rig, () => ['1', '2'].every((id) => protocol.jobSource(id)['status'] === 'error'));
      assert.match(String(protocol.jobSource('1')['error']), "'Client ID' cannot be empty.");
      assert.equal(
        ['last_sync_status', 'last_sync_error', 'error'].map((name) => protocol.connectorSource('a')[name]),
        ['error', protocol.jobSource('1')['error'], protocol.jobSource('1')['error']],
      );
      assert.match(String(protocol.jobSource('2')['error']), 'access_control');
    }));

  test('ends a job whose index cannot be reached as an error', async () => {
    const box = await startSimulator({ tree: 'empty' });
    try {
      await inRig(
        ['a'],
        async (rig) => {
          rig.protocol.putConnector('a', filled(box));
          rig.protocol.putJob('1', job('a'));
          await runUntil(rig, () => rig.protocol.jobSource('1')['status'] === 'error');
          assert.match(String(rig.protocol.jobSource('1')['error']), /^TransientError: .*cannot be reached/);
        },
        { box: box.url },
      );
    } finally {
      await box.close();
    }
  });

  test('lets a job wait while another process has the state of its connector', () =>
    inRig(['a'], async (rig) => {
      const { protocol, deps } = rig;
      const lock = lockState(connectorStatePath(deps.config, 'a'), 'another');
      protocol.putConnector('a', { service_type: 'box', status: 'needs_configuration', configuration: {} });
      protocol.putJob('1', job('a'));
      try {
        await runUntil(rig, () => rig.text().includes('another process works on the state'));
      } finally {
        lock.release();
      }
      assert.is(protocol.jobSource('1')['status'], 'pending');
      await runUntil(rig, () => protocol.jobSource('1')['status'] === 'error');
    }));

  test('a state that cannot be used is an error of the job, not a wait for nobody', () =>
    inRig(['a'], async (rig) => {
      const { protocol, deps } = rig;
      const path = connectorStatePath(deps.config, 'a');
      mkdirSync(`${path}.lock`, { recursive: true });
      protocol.putConnector('a', { service_type: 'box', status: 'needs_configuration', configuration: {} });
      protocol.putJob('1', job('a'));
      await runUntil(rig, () => protocol.jobSource('1')['status'] === 'error');
      assert.match(String(protocol.jobSource('1')['error']), /Cannot open ".*\.lock": it is a folder, or/);
    }));

  test('closes what nobody works on any more: cancelled jobs without a process, jobs without a connector', () =>
    inRig(['a'], async (rig) => {
      const { protocol } = rig;
      const dead = { last_seen: '2026-03-01T12:00:00.000Z', worker_hostname: 'there' };
      protocol.putConnector('a', { service_type: 'box', status: 'needs_configuration', configuration: {} });
      protocol.putConnector('other', { service_type: 'other' });
      protocol.putJob('canceled', job('a', { ...dead, status: 'canceling' }));
      protocol.putJob('orphan', job('gone', { ...dead, status: 'in_progress' }));
      protocol.putJob('foreign', job('other', { ...dead, status: 'in_progress' }));
      await runUntil(
        rig,
        () =>
          protocol.jobSource('canceled')['status'] === 'canceled' && protocol.jobSource('orphan')['status'] === 'error',
      );
      assert.is(protocol.connectorSource('a')['last_sync_status'], 'canceled');
      assert.is(protocol.jobSource('foreign')['status'], 'in_progress', 'of another service');
    }));

  test('leaves alone a connector of another type, and looks again for one that is missing', () =>
    inRig(['other', 'late'], async (rig) => {
      const { protocol } = rig;
      protocol.putConnector('other', { service_type: 'other', status: 'created', configuration: {} });
      await runUntil(rig, () => rig.text().includes('Cannot find the connector "late"'));
      protocol.putConnector('late', { service_type: null, status: 'created', configuration: {} });
      await runUntil(rig, () => protocol.connectorSource('late')['status'] === 'needs_configuration');
      assert.equal(protocol.connectorSource('other'), { service_type: 'other', status: 'created', configuration: {} });
    }));

  test('a stop that is out of time ends though Elasticsearch says nothing, and says what it was for', () =>
    inRig(['a'], async ({ deps, protocol, text }) => {
      const [stop, kill] = [new AbortController(), new AbortController()];
      const silence = () => new Promise<never>(() => {});
      protocol.putConnector('a', { service_type: 'box', status: 'needs_configuration', configuration: {} });
      protocol.putJob('1', job('a'));
      // The job ends, and its end cannot be written; and nothing listens to any signal.
      const asked: string[] = [];
      protocol.updateJob = (id) => {
        asked.push(id);
        protocol.connectors = silence;
        return silence();
      };
      const clock = new VirtualClock();
      const ended = runService({ ...deps, clock, stop: stop.signal, abort: stop.signal, kill: kill.signal });
      let isOver = false;
      void ended.then(() => (isOver = true));
      for (let turn = 0; turn < 100 && asked.length === 0; turn += 1) await clock.advance(20);
      assert.is(asked.length, 1, text());
      await clock.advance(100);
      stop.abort();
      await clock.advance(60_000);
      assert.is(isOver, false);
      kill.abort();
      assert.match(text(), /does not wait any longer for the job 1 of \\?"a\\?", the look for connectors and jobs\./);
      await clock.advance(5_999);
      assert.is(isOver, false);
      await clock.advance(1);
      await ended;
    }));

  test('says at once that it gives up, and what it still waits for', () =>
    inRig(
      ['a'],
      async ({ deps, protocol, text }) => {
        protocol.putConnector('a', { service_type: 'box', status: 'needs_configuration', configuration: {} });
        protocol.putJob('1', job('a'));
        let go = () => {};
        // The job does not end before `go`.
        const held = new Promise<void>((resolve) => (go = resolve));
        const update = protocol.updateConnector.bind(protocol);
        protocol.updateConnector = async (id, fields) => {
          if (fields['last_sync_status'] === 'in_progress') await held;
          return update(id, fields);
        };
        const connectors = protocol.connectors.bind(protocol);
        let looks = 0;
        protocol.connectors = (selection) => {
          looks += 1;
          return looks === 1 ? connectors(selection) : Promise.reject(new PermanentError('broken'));
        };
        const failed = rejectionOf(PermanentError, runService(deps));
        const until = Date.now() + 4_000;
        while (!text().includes('gives up')) {
          if (Date.now() > until) assert.unreachable(`not given up: ${text()}`);
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        assert.match(text(), /\(service\.max_errors\); before that it waits for what runs: the job 1 of \\?"a\\?"\./);
        assert.is(protocol.jobSource('1')['status'], 'in_progress');
        go();
        await failed;
        assert.is(protocol.jobSource('1')['status'], 'error');
      },
      { service: { max_errors: 2 } },
    ));

  test('gives up after too many failures', () =>
    inRig(
      ['a'],
      async ({ deps, protocol, text }) => {
        let failures = 0;
        protocol.connectors = () => {
          failures += 1;
          return Promise.reject(new PermanentError('broken'));
        };
        await rejectionOf(PermanentError, runService(deps));
        assert.is(failures, 3);
        assert.match(text(), 'broken');
      },
      { service: { max_errors: 2 } },
    ));
});
