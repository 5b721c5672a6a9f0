import * as assert from 'uvu/assert';
import { claimJob, releaseJob } from '../../src/service/claim-job.js';
import { suite } from '../support/suite.js';
import { VirtualClock } from '../support/virtual-clock.js';
import { MemoryProtocol } from './memory-protocol.js';

const now = '2026-03-01T12:00:00.000Z';
const clock = new VirtualClock(Date.parse(now));
const job = (status: string, fields: object = {}) => ({ status, connector: { id: 'c' }, ...fields });

async function claim(protocol: MemoryProtocol, id: string) {
  const found = await protocol.job(id);
  assert.ok(found);
  return claimJob({ protocol, clock, hostname: 'here' }, found);
}

suite('claimJob', (test) => {
  test('marks the job as this machine’s', async () => {
    const protocol = new MemoryProtocol();
    protocol.putJob('1', job('pending', { error: 'old' }));
    assert.is((await claim(protocol, '1'))?.startedAt, now);
    assert.equal(protocol.jobSource('1'), {
      ...job('in_progress'),
      error: null,
      started_at: now,
      last_seen: now,
      worker_hostname: 'here',
    });
  });

  test('leaves a job to whoever was quicker', async () => {
    const protocol = new MemoryProtocol();
    protocol.putJob('1', job('pending'));
    protocol.interfere = () => void protocol.updateJob('1', { status: 'in_progress', worker_hostname: 'there' });
    assert.is(await claim(protocol, '1'), undefined);
    assert.is(protocol.jobSource('1')['worker_hostname'], 'there');
  });

  for (const [before, after] of [
    ['pending', 'pending'],
    ['suspended', 'suspended'],
    ['in_progress', 'suspended'],
  ] as const) {
    test(`puts a ${before} job back as ${after} if another of the connector was taken at the same moment`, async () => {
      const protocol = new MemoryProtocol();
      protocol.putJob('1', job(before));
      protocol.putJob('2', job('in_progress', { last_seen: now, worker_hostname: 'there' }));
      assert.is(await claim(protocol, '1'), undefined);
      assert.is(protocol.jobSource('1')['status'], after);
    });
  }

  test('does not mind one that has lost its process', async () => {
    const protocol = new MemoryProtocol();
    protocol.putJob('1', job('pending'));
    protocol.putJob('2', job('canceling', { last_seen: '2026-03-01T11:00:00Z', worker_hostname: 'there' }));
    assert.ok(await claim(protocol, '1'));
  });
});

suite('releaseJob', (test) => {
  test('gives a job back, but not one that was cancelled or taken meanwhile', async () => {
    const protocol = new MemoryProtocol();
    protocol.putJob('1', job('pending'));
    const claimed = await claim(protocol, '1');
    assert.ok(claimed);
    await releaseJob({ protocol }, claimed);
    assert.is(protocol.jobSource('1')['status'], 'pending');
    const again = await claim(protocol, '1');
    assert.ok(again);
    await protocol.updateJob('1', { status: 'canceling' });
    await releaseJob({ protocol }, again);
    assert.is(protocol.jobSource('1')['status'], 'canceling');
    await protocol.updateJob('1', { status: 'in_progress', started_at: 'another time' });
    await releaseJob({ protocol }, again);
    assert.is(protocol.jobSource('1')['status'], 'in_progress');
  });
});
