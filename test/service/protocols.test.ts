import * as assert from 'uvu/assert';
import { AuthError } from '../../src/core/errors.js';
import { ownKeys } from '../../src/service/own-keys.js';
import { ownProtocols } from '../../src/service/protocols.js';
import { rejectionOf } from '../support/fake-http.js';
import { loadTestConfig } from '../support/load-test-config.js';
import { suite } from '../support/suite.js';
import { MemoryProtocol } from './memory-protocol.js';
import { quietLog } from './quiet-log.js';

const entry = (id: string, key: string | null, type = 'box') => ({
  connector_id: id,
  service_type: type,
  api_key: key,
});

suite('ownKeys()', (test) => {
  const cases: readonly (readonly [what: string, config: object, keys: readonly string[] | null])[] = [
    ['every connector has one', { connectors: [entry('a', 'k1'), entry('b', 'k2')] }, ['k1', 'k2']],
    ['one of another type has none', { connectors: [entry('a', 'k1'), entry('b', null, 'x')] }, ['k1']],
    ['one has none', { connectors: [entry('a', 'k1'), entry('b', null)] }, null],
    ['there is a key for all', { connectors: [entry('a', 'k1')], elasticsearch: { api_key: 'k' } }, null],
    ['there is a password', { connectors: [entry('a', 'k1')], elasticsearch: { password: 'changeme' } }, null],
    ['worker mode', { connectors: [entry('a', 'k1')], service: { worker_mode: true, service_types: ['box'] } }, null],
    ['there are no connectors', {}, null],
  ];
  for (const [what, sections, keys] of cases) {
    test(`${what}: ${keys === null ? 'none' : keys.join(', ')}`, () => {
      const found = ownKeys(loadTestConfig(sections));
      assert.equal(found && [...found.values()], keys);
    });
  }
});

suite('ownProtocols()', (test) => {
  /** Each sees its own connector and job, and all others. */
  const rig = (refused: readonly string[]) => {
    const protocols = new Map(
      ['a', 'b', 'c'].map((id) => {
        const protocol = new MemoryProtocol();
        for (const other of ['a', 'b', 'c']) {
          protocol.putConnector(other, { service_type: 'box', status: 'connected' });
          protocol.putJob(`job-${other}`, { connector: { id: other }, status: 'pending', job_type: 'full' });
        }
        const no = () => Promise.reject(new AuthError(`Cannot look: the key of ${id} is refused`));
        return [
          id,
          refused.includes(id) ? Object.assign(protocol, { connectors: no, openJobs: no }) : protocol,
        ] as const;
      }),
    );
    const { log, text } = quietLog();
    return { protocols, ...ownProtocols(protocols, log), text };
  };
  const all = { ids: ['a', 'b', 'c'], serviceTypes: [] };

  test('looks at each connector by itself, once', async () => {
    const { overview, of, protocols } = rig([]);
    assert.equal(
      (await overview.connectors(all)).map(({ id }) => id),
      ['a', 'b', 'c'],
    );
    assert.equal(
      (await overview.openJobs(['b'])).map(({ id }) => id),
      ['job-b'],
    );
    assert.equal(
      (await overview.openJobs(null)).map(({ id }) => id),
      ['job-a', 'job-b', 'job-c'],
    );
    assert.equal(await overview.unknownConnectors(['x']), [], 'what others have is not its business');
    assert.is(of('b'), protocols.get('b'));
  });

  test('goes on without those that are refused, and says so', async () => {
    const { overview, text } = rig(['b']);
    assert.equal(
      (await overview.connectors(all)).map(({ id }) => id),
      ['a', 'c'],
    );
    assert.match(text(), 'the key of b is refused');
  });

  test('fails when all are refused', async () => {
    const { overview } = rig(['a', 'b', 'c']);
    const error = await rejectionOf(AuthError, overview.connectors(all));
    assert.match(error.message, 'the key of a');
  });
});
