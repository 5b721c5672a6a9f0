import * as assert from 'uvu/assert';
import type { SyncRequest } from '../../src/app/connector-request.js';
import { ConfigError } from '../../src/core/errors.js';
import { parseJob } from '../../src/service/job-document.js';
import { syncConnector } from '../../src/service/sync-connector.js';
import { suite } from '../support/suite.js';
import { toolsRig } from './connector-tools-rig.js';

const request: SyncRequest = { kind: 'sync', id: 'c', type: 'full', allowDeletes: false, follow: true, json: false };
const ready = { service_type: 'box', status: 'connected', index_name: 'i', filtering: [] };

const ends: readonly { status: string; error: string | null; code: number }[] = [
  { status: 'completed', error: null, code: 0 },
  { status: 'error', error: 'AuthError: refused', code: 1 },
  { status: 'error', error: 'Incomplete: 2 documents were rejected', code: 3 },
  { status: 'canceled', error: null, code: 130 },
];

suite('syncConnector()', (test) => {
  for (const { status, error, code } of ends) {
    test(`a job that ends as ${status} (${error ?? 'no error'}) is exit code ${code}`, async () => {
      const { tools, protocol, clock, said } = toolsRig();
      protocol.putConnector('c', ready);
      const ended = syncConnector(tools, request);
      await clock.advance(1_500);
      await protocol.updateJob('job-1', { status: 'suspended', indexed_document_count: 5 });
      await clock.advance(2_000);
      await protocol.updateJob('job-1', { status, error, indexed_document_count: 7, total_document_count: 9 });
      await clock.advance(1_000);
      assert.is(await ended, code);
      assert.equal(said, [
        'pending: 0 indexed, 0 deleted',
        'suspended: 5 indexed, 0 deleted',
        `Job job-1 is ${status}: 7 indexed, 0 deleted, 9 in the index${error === null ? '' : `: ${error}`}`,
      ]);
    });
  }

  test('the job carries what it was asked for, and no secret', async () => {
    const { tools, protocol } = toolsRig();
    protocol.putConnector('c', { ...ready, configuration: { client_secret: { value: 'geheim' } } });
    const asked: SyncRequest = { ...request, type: 'incremental', allowDeletes: true, follow: false };
    assert.is(await syncConnector(tools, asked), 0);
    const source = protocol.jobSource('job-1');
    assert.not.match(JSON.stringify(source), /geheim/);
    const job = parseJob('job-1', source, { seqNo: 0, primaryTerm: 0 });
    assert.equal(
      [job.type, job.triggerMethod, job.allowDeletes, job.status],
      ['incremental', 'on_demand', true, 'pending'],
    );
    await syncConnector({ ...tools, newId: () => 'job-2' }, { ...request, follow: false });
    assert.is(parseJob('job-2', protocol.jobSource('job-2'), { seqNo: 0, primaryTerm: 0 }).allowDeletes, false);
  });

  test('a person who leaves does not end the job; one who waits in vain is told', async () => {
    const { tools, protocol, clock, text, stopping } = toolsRig();
    protocol.putConnector('c', ready);
    const ended = syncConnector(tools, request);
    await clock.advance(25_000);
    assert.match(text(), /No service has taken the job for 20 s/);
    stopping.abort();
    assert.is(await ended, 130);
    assert.is(protocol.jobSource('job-1')['status'], 'pending');
    assert.is(clock.pending, 0);
  });

  test('a connector that is not ready, of another type or unknown is refused in words', async () => {
    const { tools, protocol } = toolsRig();
    protocol.putConnector('c', { ...ready, status: 'needs_configuration' });
    protocol.putConnector('d', { ...ready, index_name: null });
    protocol.putConnector('e', { ...ready, service_type: 'jira' });
    const said = [
      /its form to be filled in/,
      /has no index/,
      /service_type is jira, expected box/,
      /expected one of c, d/,
    ];
    for (const [index, id] of ['c', 'd', 'e', 'nobody'].entries()) {
      try {
        await syncConnector(tools, { ...request, id });
        assert.unreachable();
      } catch (error) {
        assert.instance(error, ConfigError);
        assert.match((error as Error).message, said[index] ?? '');
      }
    }
    assert.equal(protocol.jobIds, []);
  });
});
