import * as assert from 'uvu/assert';
import { watchJob } from '../../src/service/job-watch.js';
import { suite } from '../support/suite.js';
import { VirtualClock } from '../support/virtual-clock.js';
import { MemoryProtocol } from './memory-protocol.js';
import { quietLog } from './quiet-log.js';

const startedAt = '2026-03-01T12:00:00.000Z';

async function rig() {
  const protocol = new MemoryProtocol();
  protocol.putJob('1', { status: 'in_progress', started_at: startedAt, connector: { id: 'c' } });
  const clock = new VirtualClock(Date.parse(startedAt));
  const { log, text } = quietLog();
  const job = await protocol.job('1');
  assert.ok(job);
  const seen: string[] = [];
  const counts = { indexed_document_count: 0 };
  const stop = watchJob(
    { protocol, clock, log },
    { job, startedAt },
    { report: () => ({ ...counts }), interfere: (why) => seen.push(why) },
  );
  return { protocol, clock, seen, counts, stop, text };
}

suite('watchJob', (test) => {
  test('writes counts and a sign of life every 10 s', async () => {
    const { protocol, clock, counts, stop, seen } = await rig();
    counts.indexed_document_count = 7;
    await clock.advance(9_900);
    assert.is(protocol.jobSource('1')['last_seen'], undefined);
    await clock.advance(200);
    assert.is(protocol.jobSource('1')['indexed_document_count'], 7);
    assert.is(protocol.jobSource('1')['last_seen'], '2026-03-01T12:00:10.000Z');
    counts.indexed_document_count = 9;
    await clock.advance(10_000);
    assert.is(protocol.jobSource('1')['indexed_document_count'], 9);
    assert.equal(seen, []);
    await stop();
    assert.is(clock.pending, 0);
  });

  for (const [what, fields, why] of [
    ['is to be cancelled', { status: 'canceling' }, 'cancel'],
    ['was taken over', { started_at: '2026-03-01T12:00:01.000Z' }, 'lost'],
    ['was ended by somebody', { status: 'error' }, 'lost'],
  ] as const) {
    test(`sees within 2 s that the job ${what}`, async () => {
      const { protocol, clock, seen, stop } = await rig();
      await protocol.updateJob('1', fields);
      await clock.advance(2_000);
      assert.equal(seen, [why]);
      await stop();
    });
  }

  test('waits out an Elasticsearch that fails', async () => {
    const { protocol, clock, seen, stop, text } = await rig();
    const read = protocol.job.bind(protocol);
    protocol.job = () => Promise.reject(new Error('unreachable'));
    await clock.advance(6_000);
    assert.match(text(), 'unreachable');
    assert.equal(seen, []);
    protocol.job = read;
    await protocol.updateJob('1', { status: 'canceling' });
    await clock.advance(2_000);
    assert.equal(seen, ['cancel']);
    await stop();
  });
});
