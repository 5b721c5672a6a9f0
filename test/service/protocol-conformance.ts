import * as assert from 'uvu/assert';
import type { Members } from '../../src/service/json-members.js';
import type { Protocol } from '../../src/service/protocol.js';

export interface ProtocolRig {
  readonly protocol: Protocol;
  /** `isSeen`: by searches, at once. Default `true`. */
  readonly putConnector: (id: string, source: Members, isSeen?: boolean) => Promise<void>;
  readonly putJob: (id: string, source: Members) => Promise<void>;
  /** For a connector whose id was made up. */
  readonly removeLater: (connectorId: string) => void;
  /** A prefix for ids, since others may use the same indices. */
  readonly prefix: string;
}

/** What every implementation of the protocol must do. */
export function protocolConformance(
  it: (name: string, run: () => Promise<void>) => void,
  inRig: (test: (rig: ProtocolRig) => Promise<void>) => Promise<void>,
): void {
  it('finds connectors by id and by type, but none that is deleted, or native by type', () =>
    inRig(async ({ protocol, putConnector, prefix }) => {
      const type = `${prefix}box`;
      await putConnector(`${prefix}a`, { service_type: type, is_native: true });
      await putConnector(`${prefix}b`, { service_type: type, is_native: false });
      await putConnector(`${prefix}c`, { service_type: type, is_native: false, deleted: true });
      await putConnector(`${prefix}d`, { service_type: 'other', is_native: false });
      const found = async (ids: string[], serviceTypes: string[]) =>
        (await protocol.connectors({ ids: ids.map((id) => prefix + id), serviceTypes }))
          .map(({ id }) => id.slice(prefix.length))
          .sort();
      assert.equal(await found(['a', 'c', 'x'], []), ['a']);
      assert.equal(await found([], [type]), ['b']);
      assert.equal(await found(['a', 'b'], [type]), ['a', 'b']);
      assert.equal(await found([], []), []);
      assert.is(await protocol.connector(`${prefix}c`), undefined);
      assert.is(await protocol.connector(`${prefix}x`), undefined);
      assert.equal(await protocol.unknownConnectors([`${prefix}a`, `${prefix}c`, `${prefix}x`]), [`${prefix}x`]);
    }));

  it('does not take a connector for a missing one that was made a moment ago', () =>
    inRig(async ({ protocol, putConnector, prefix }) => {
      await putConnector(`${prefix}a`, { service_type: 'box' }, false);
      assert.equal(await protocol.unknownConnectors([`${prefix}a`, `${prefix}x`]), [`${prefix}x`]);
      assert.equal(await protocol.unknownConnectors([]), []);
    }));

  it('writes under a condition only what is as it was read, and merges', () =>
    inRig(async ({ protocol, putConnector, prefix }) => {
      const id = `${prefix}a`;
      await putConnector(id, { status: 'created', configuration: { one: { value: 1, label: 'One' } } });
      const read = await protocol.connector(id);
      assert.ok(read);
      const first = await protocol.changeConnector(id, { configuration: { one: { value: 2 }, two: {} } }, read);
      assert.ok(first);
      assert.is(await protocol.changeConnector(id, { status: 'lost' }, read), undefined);
      const second = await protocol.changeConnector(id, { status: 'configured' }, first);
      assert.ok(second);
      const now = await protocol.connector(id);
      assert.equal([now?.status, now?.seqNo], ['configured', second.seqNo]);
      assert.equal(now?.configuration, { one: { value: 2, label: 'One' }, two: {} });
      assert.is(await protocol.changeConnector(`${prefix}x`, { status: 'x' }, read), undefined);
      assert.is(await protocol.updateConnector(`${prefix}x`, { status: 'x' }), false);
      assert.is(await protocol.updateConnector(id, { last_sync_error: 'why' }), true);
      assert.is((await protocol.connector(id))?.lastSyncError, 'why');
    }));

  it('makes a job of one id once, and lets one of two claims win', () =>
    inRig(async ({ protocol, prefix }) => {
      const id = `${prefix}job`;
      const fields = { connector: { id: `${prefix}a` }, status: 'pending', created_at: '2026-01-01T00:00:00.000Z' };
      assert.equal([await protocol.createJob(id, fields), await protocol.createJob(id, fields)], [true, false]);
      const job = await protocol.job(id);
      assert.ok(job);
      const claims = await Promise.all(
        ['one', 'other'].map((worker) => protocol.changeJob(id, { worker_hostname: worker }, job)),
      );
      assert.is(claims.filter((claim) => claim !== undefined).length, 1);
      assert.is(await protocol.updateJob(`${prefix}none`, { status: 'error' }), false);
      assert.is(await protocol.job(`${prefix}none`), undefined);
    }));

  it('lists the jobs that have not ended, the oldest first, as soon as they are written', () =>
    inRig(async ({ protocol, putJob, prefix }) => {
      const job = (status: string, day: number, connector = 'a') => ({
        connector: { id: prefix + connector },
        status,
        created_at: `2026-01-0${day}T00:00:00.000Z`,
      });
      await putJob(`${prefix}3`, job('suspended', 3));
      await putJob(`${prefix}1`, job('in_progress', 1));
      await putJob(`${prefix}2`, job('canceling', 2));
      await putJob(`${prefix}5`, job('completed', 5));
      await putJob(`${prefix}6`, job('pending', 6, 'b'));
      await protocol.createJob(`${prefix}4`, job('pending', 4));
      const ids = async (connectors: readonly string[] | null) =>
        (await protocol.openJobs(connectors)).map(({ id }) => id).filter((id) => id.startsWith(prefix));
      assert.equal(
        await ids([`${prefix}a`]),
        ['1', '2', '3', '4'].map((id) => prefix + id),
      );
      assert.equal(
        await ids(null),
        ['1', '2', '3', '4', '6'].map((id) => prefix + id),
      );
      await protocol.updateJob(`${prefix}1`, { status: 'error' });
      assert.equal(
        await ids([`${prefix}a`, `${prefix}b`]),
        ['2', '3', '4', '6'].map((id) => prefix + id),
      );
    }));

  it('makes a connector under its id once, or under an id of its own, and lists those of a type', () =>
    inRig(async ({ protocol, putConnector, removeLater, prefix }) => {
      const service_type = `${prefix}box`;
      const named = `${prefix}b`;
      const both = await Promise.all([1, 2].map(() => protocol.createConnector(named, { service_type, name: 'Mine' })));
      assert.equal(both.toSorted(), [named, undefined]);
      const own = await protocol.createConnector(null, { service_type, is_native: true, name: 'Made' });
      assert.ok(own !== undefined && own !== '');
      removeLater(own);
      await putConnector(`${prefix}c`, { service_type, deleted: true });
      await putConnector(`${prefix}d`, { service_type: 'other' });
      assert.is(await protocol.createConnector(`${prefix}c`, { service_type }), undefined, 'deleted, but there');
      const listed = await protocol.listConnectors(service_type, 10);
      assert.equal(
        listed.map(({ id, name, isNative }) => ({ id, name, isNative })),
        [
          { id: named, name: 'Mine', isNative: false },
          { id: own, name: 'Made', isNative: true },
        ].toSorted((one, other) => (one.id < other.id ? -1 : 1)),
      );
      assert.is((await protocol.listConnectors(service_type, 1)).length, 1);
      assert.is((await protocol.connector(own))?.name, 'Made');
    }));

  it('lists the jobs of a connector, ended or not, the newest first', () =>
    inRig(async ({ protocol, putJob, prefix }) => {
      for (const [day, status] of [
        [2, 'completed'],
        [1, 'error'],
        [3, 'pending'],
      ] as const) {
        const created_at = `2026-01-0${day}T00:00:00.000Z`;
        await putJob(prefix + String(day), { connector: { id: `${prefix}a` }, status, created_at, error: 'why' });
      }
      await putJob(`${prefix}4`, { connector: { id: `${prefix}b` }, status: 'pending' });
      const found = await protocol.jobsOf(`${prefix}a`, 10);
      assert.equal(
        found.map(({ id, status, error }) => [id.slice(prefix.length), status, error]),
        [
          ['3', 'pending', 'why'],
          ['2', 'completed', 'why'],
          ['1', 'error', 'why'],
        ],
      );
      assert.equal(
        (await protocol.jobsOf(`${prefix}a`, 2)).map(({ id }) => id),
        [`${prefix}3`, `${prefix}2`],
      );
      assert.equal(await protocol.jobsOf(`${prefix}x`, 2), []);
    }));

  it('cancels a job that waits at once, asks one that runs, and leaves one that has ended', () =>
    inRig(async ({ protocol, putJob, prefix }) => {
      const cases = [
        ['pending', 'canceled'],
        ['suspended', 'canceled'],
        ['in_progress', 'canceling'],
        ['canceling', 'canceling'],
        ['completed', 'completed'],
      ] as const;
      for (const [at, [before, after]] of cases.entries()) {
        const id = prefix + String(at + 1);
        await putJob(id, { connector: { id: `${prefix}a` }, status: before, job_type: 'full' });
        assert.is(await protocol.cancelJob(id), after, before);
        const now = await protocol.job(id);
        assert.is(now?.status, after, before);
        assert.is((now?.completedAt ?? null) !== null, after === 'canceled', before);
      }
      assert.is(await protocol.cancelJob(`${prefix}none`), undefined);
    }));
}
