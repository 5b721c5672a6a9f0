import * as assert from 'uvu/assert';
import { ConnectorWatch } from '../../src/service/connector-watch.js';
import { configurationSchema } from '../../src/service/configuration-schema.js';
import type { ConfigurationValues } from '../../src/service/configuration-values.js';
import { members } from '../../src/service/json-members.js';
import type { Pinged } from '../../src/service/ping-box.js';
import type { KnownSchedules } from '../../src/service/schedule/timetable.js';
import { features } from '../../src/service/prepare-connector.js';
import { loadTestConfig } from '../support/load-test-config.js';
import { suite } from '../support/suite.js';
import { VirtualClock } from '../support/virtual-clock.js';
import { MemoryProtocol } from './memory-protocol.js';
import { quietLog } from './quiet-log.js';

const startedAt = '2026-03-01T12:00:00.000Z';
const values = { is_enterprise: 'box_enterprise', client_id: 'id', client_secret: 'secret', enterprise_id: 1 };

function configured(fields: object = {}): Record<string, unknown> {
  const configuration = structuredClone(configurationSchema) as unknown as Record<string, Record<string, unknown>>;
  for (const [key, value] of Object.entries(values)) configuration[key] = { ...configuration[key], value };
  return {
    service_type: 'box',
    status: 'configured',
    index_name: 'i',
    configuration,
    features,
    filtering: [],
    ...fields,
  };
}

interface Rig {
  readonly protocol: MemoryProtocol;
  readonly clock: VirtualClock;
  readonly pings: ConfigurationValues[];
  readonly answer: { ping: Pinged };
  readonly memory: { known: KnownSchedules | null; locked: boolean; swaps: number };
  readonly text: () => string;
  readonly jobs: () => number;
  readonly look: (jobs?: { busy?: boolean; running?: boolean }) => Promise<void>;
  readonly source: () => Readonly<Record<string, unknown>>;
}

function rig(source: Record<string, unknown>): Rig {
  const protocol = new MemoryProtocol();
  protocol.putConnector('c', source);
  const clock = new VirtualClock(Date.parse(startedAt));
  const pings: ConfigurationValues[] = [];
  const answer: { ping: Pinged } = { ping: { kind: 'ok' } };
  const memory: Rig['memory'] = { known: null, locked: false, swaps: 0 };
  const { log, text } = quietLog();
  let jobs = 0;
  const watch = new ConnectorWatch({
    protocol,
    clock,
    log,
    config: loadTestConfig().config,
    heartbeatMs: 300_000,
    ping: (found) => {
      pings.push(found);
      return Promise.resolve(answer.ping);
    },
    memory: {
      swap: (schedules) => {
        if (memory.locked) return Promise.resolve(undefined);
        const before = memory.known;
        memory.known = schedules;
        memory.swaps += 1;
        return Promise.resolve({ before });
      },
    },
    onJob: () => (jobs += 1),
  });
  return {
    protocol,
    clock,
    pings,
    answer,
    memory,
    text,
    jobs: () => jobs,
    look: async ({ busy = false, running = false } = {}) => {
      const connector = await protocol.connector('c');
      assert.ok(connector);
      await watch.look(connector, { busy, running });
    },
    source: () => protocol.connectorSource('c'),
  };
}

const hourly = (enabled = true) => ({ full: { enabled, interval: '0 0 * * * ?' } });

suite('ConnectorWatch', (test) => {
  test('writes schema and sign of life to a new connector, and asks Box nothing before it is filled in', async () => {
    const { look, source, pings } = rig({ status: 'created', configuration: {} });
    await look();
    await look();
    assert.equal([source()['status'], source()['last_seen']], ['needs_configuration', startedAt]);
    assert.equal(source()['configuration'], configurationSchema);
    assert.equal(pings, []);
  });

  test('connects, and then writes nothing but the sign of life', async () => {
    const { look, source, pings, clock, protocol } = rig(configured());
    await look();
    assert.equal([source()['status'], source()['error']], ['connected', null]);
    const before = (await protocol.connector('c'))?.seqNo;
    await clock.advance(299_000);
    await look();
    assert.is((await protocol.connector('c'))?.seqNo, before);
    assert.is(pings.length, 1);
    await clock.advance(1_000);
    await look();
    assert.is(source()['last_seen'], '2026-03-01T12:05:00.000Z');
    assert.is(pings.length, 2);
  });

  test('asks Box again when somebody has changed the configuration', async () => {
    const { look, source, pings, protocol } = rig(configured());
    await look();
    await protocol.updateConnector('c', { configuration: { client_secret: { value: 'new' } } });
    await look();
    await protocol.updateConnector('c', { status: 'configured' });
    await look();
    assert.equal(
      pings.map(({ clientSecret }) => clientSecret),
      ['secret', 'new', 'new'],
    );
    assert.is(source()['status'], 'connected');
  });

  test('says what is wrong, asks Box again at each look, and takes the error back', async () => {
    const { look, source, pings, answer } = rig(configured());
    answer.ping = { kind: 'failed', problem: 'AuthError: no' };
    await look();
    await look();
    assert.equal([source()['status'], source()['error'], pings.length], ['error', 'AuthError: no', 2]);
    answer.ping = { kind: 'ok' };
    await look();
    assert.equal([source()['status'], source()['error']], ['connected', null]);
  });

  test('says which fields are wrong without asking Box', async () => {
    const { look, source, pings, protocol } = rig(configured());
    await protocol.updateConnector('c', { configuration: { client_id: { value: '' } } });
    await look();
    assert.equal(
      [source()['status'], source()['error']],
      ['error', "Field validation errors: 'Client ID' cannot be empty."],
    );
    assert.equal(pings, []);
  });

  test('leaves the error of the last sync, until one succeeds', async () => {
    const { look, source, protocol } = rig(configured({ status: 'error', error: 'lost', last_sync_error: 'lost' }));
    await look();
    assert.equal([source()['status'], source()['error']], ['error', 'lost']);
    await protocol.updateConnector('c', { last_sync_error: null });
    await look();
    assert.equal([source()['status'], source()['error']], ['connected', null]);
  });

  test('asks Box nothing while a job runs, whose sign-in it is', async () => {
    const { look, pings, source } = rig(configured());
    await look({ busy: true, running: true });
    assert.equal([pings.length, source()['status'], source()['last_seen']], [0, 'configured', startedAt]);
  });

  test('creates the job that is due, once, without the secrets, and remembers when', async () => {
    const { look, source, clock, protocol, jobs } = rig(
      configured({ scheduling: hourly(), last_sync_scheduled_at: startedAt }),
    );
    await look();
    assert.equal(protocol.jobIds, []);
    await clock.advance(3_600_000);
    await look();
    const id = `c-full-${Date.parse('2026-03-01T13:00:00Z') / 1_000}`;
    assert.equal([protocol.jobIds, jobs()], [[id], 1]);
    assert.is(source()['last_sync_scheduled_at'], '2026-03-01T13:00:00.000Z');
    const job = protocol.jobSource(id);
    assert.equal(
      [job['status'], job['job_type'], job['trigger_method'], job['created_at']],
      ['pending', 'full', 'scheduled', '2026-03-01T13:00:00.000Z'],
    );
    assert.equal(members.of(job['connector'])['configuration'], {});
    assert.not.match(JSON.stringify(job), 'secret');
    await look();
    assert.is(protocol.jobIds.length, 1);
  });

  test('catches up once what fell due while it was down or busy', async () => {
    const { look, clock, protocol } = rig(
      configured({ scheduling: hourly(), last_sync_scheduled_at: '2026-03-01T07:00:00.000Z' }),
    );
    await look({ busy: true });
    assert.equal(protocol.jobIds, []);
    await clock.advance(1_000);
    await look();
    assert.equal(protocol.jobIds, [`c-full-${Date.parse(startedAt) / 1_000}`]);
    await look();
    assert.is(protocol.jobIds.length, 1);
  });

  test('makes no second job where another service was quicker, in the middle of it', async () => {
    const { look, source, clock, protocol, jobs } = rig(
      configured({ scheduling: hourly(), last_sync_scheduled_at: startedAt }),
    );
    await look();
    await clock.advance(3_600_000);
    const at = '2026-03-01T13:00:00.000Z';
    const id = `c-full-${Date.parse(at) / 1_000}`;
    protocol.putJob(id, { status: 'completed' });
    await look();
    assert.equal([protocol.jobIds, jobs()], [[id], 0]);
    assert.is(protocol.jobSource(id)['status'], 'completed');
    assert.is(source()['last_sync_scheduled_at'], at);
  });

  test('says that a schedule cannot be read, and still is connected to the other', async () => {
    const { look, source } = rig(configured({ scheduling: { full: { enabled: true, interval: 'nonsense' } } }));
    await look();
    assert.is(source()['status'], 'error');
    assert.match(String(source()['error']), 'scheduling.full');
  });

  test('schedules nothing while Box is out of reach, and catches it up when it is back', async () => {
    const { look, clock, protocol, answer } = rig(
      configured({ scheduling: hourly(), last_sync_scheduled_at: startedAt }),
    );
    answer.ping = { kind: 'failed', problem: 'down' };
    await clock.advance(3_600_000);
    await look();
    assert.equal(protocol.jobIds, []);
    answer.ping = { kind: 'ok' };
    await clock.advance(60_000);
    await look();
    assert.is(protocol.jobIds.length, 1);
  });

  test('does not catch up a schedule that was switched on while no service was there, and remembers what it has seen', async () => {
    const { look, protocol, memory, clock } = rig(
      configured({
        scheduling: hourly(),
        last_sync_scheduled_at: '2026-03-01T07:00:00.000Z',
        last_seen: '2026-03-01T12:00:00.000Z',
      }),
    );
    memory.known = { full: null, incremental: null };
    await look();
    await look();
    assert.equal(protocol.jobIds, []);
    assert.equal([memory.swaps, memory.known], [1, { full: '0 0 * * * ?', incremental: null }]);
    await clock.advance(3_600_000);
    await look();
    assert.is(protocol.jobIds.length, 1);
    memory.locked = true;
    await protocol.updateConnector('c', { scheduling: { full: { enabled: false, interval: '0 0 * * * ?' } } });
    await look();
    assert.is(memory.swaps, 1);
    memory.locked = false;
    await look();
    assert.equal([memory.swaps, memory.known], [2, { full: null, incremental: null }]);
  });

  test('judges edited rules', async () => {
    const { look, source } = rig(
      configured({
        filtering: [{ domain: 'DEFAULT', active: {}, draft: { rules: [{}], validation: { state: 'edited' } } }],
      }),
    );
    await look();
    const [domain] = source()['filtering'] as { draft: { validation: { state: string } } }[];
    assert.is(domain?.draft.validation.state, 'invalid');
    assert.is(source()['status'], 'connected');
  });

  test('leaves to the next look what met a write of somebody else', async () => {
    const { look, source, protocol } = rig(configured());
    await look();
    await protocol.updateConnector('c', { status: 'configured', error: 'x' });
    protocol.interfere = () => {
      protocol.interfere = () => {};
      void protocol.updateConnector('c', { index_name: 'other' });
    };
    await look();
    assert.equal([source()['status'], source()['error']], ['configured', 'x']);
    await look();
    assert.equal([source()['status'], source()['error'], source()['index_name']], ['connected', null, 'other']);
  });

  test('survives an Elasticsearch that fails, and looks once at a time', async () => {
    const { look, protocol, text, pings } = rig(configured());
    const update = protocol.updateConnector.bind(protocol);
    protocol.updateConnector = () => Promise.reject(new Error('unreachable'));
    await look();
    assert.match(text(), 'Error: unreachable');
    protocol.updateConnector = update;
    await Promise.all([look(), look()]);
    assert.is(pings.length, 1);
  });
});
