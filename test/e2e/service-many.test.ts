import * as assert from 'uvu/assert';
import { type Simulator, startSimulator } from '../../src/simulator/simulator.js';
import { needing } from '../support/real-parts.js';
import { suite } from '../support/suite.js';
import { assertEqualsBox, indexContents } from '../support/index-contents.js';
import { serveGateway } from './box-gateway.js';
import { ServiceScene, until } from './service-scene.js';

type Job = Readonly<Record<string, unknown>>;

const count = 20;
const syncsAtOnce = 3;
const off = { enabled: false, interval: '0 0 0 * * ?' };
const schedule = { full: { enabled: true, interval: '0/2 * * * * ?' }, incremental: off, access_control: off };

const connectorOf = (job: Job) => (job['connector'] as { readonly id: string }).id;

const completed = (jobs: readonly Job[]) => jobs.filter(({ status }) => status === 'completed');

/** How many jobs ran at once at most, by what they say of themselves. */
function mostAtOnce(jobs: readonly Job[]): number {
  const at = (job: Job, key: string) => Date.parse(String(job[key]));
  const ran = jobs.filter(({ started_at: started }) => typeof started === 'string');
  return Math.max(
    ...ran.map((one) => {
      const moment = at(one, 'started_at');
      return ran.filter((job) => {
        const end = at(job, 'completed_at');
        return at(job, 'started_at') <= moment && (Number.isNaN(end) || end > moment);
      }).length;
    }),
  );
}

suite(
  'many connectors in one service',
  (test) => {
    const it = needing(test, 'elasticsearch');

    it('17 of 20 keep their schedules while one has a wrong secret, one cannot reach Box, and one is slow', async () => {
      const tree = { users: 1, filesInRoot: 2 };
      const slowTree = { users: 1, foldersPerUser: 400 };
      const boxes: Simulator[] = [];
      for (let index = 0; index < count; index += 1) {
        boxes.push(
          await startSimulator({
            tree: index === 2 ? slowTree : tree,
            clientId: `client-${index}`,
            clientSecret: `secret-${index}`,
            enterpriseId: String(9_000 + index),
          }),
        );
      }
      const gateway = await serveGateway(boxes);
      try {
        await ServiceScene.in({ tree: 'empty' }, async (scene) => {
          const connectors = await Promise.all(
            boxes.map(async (box) => {
              const id = await scene.createConnector({ scheduling: schedule });
              const { clientId, clientSecret, enterpriseId } = box.credentials;
              await scene.fillIn(id, { client_id: clientId, client_secret: clientSecret, enterprise_id: enterpriseId });
              return { id, box, key: await scene.ownKey(id) };
            }),
          );
          const [wrong, unreachable, slow, ...others] = connectors;
          assert.ok(wrong && unreachable && slow);
          await scene.fillIn(wrong.id, {
            client_id: wrong.box.credentials.clientId,
            client_secret: 'not-the-secret',
            enterprise_id: wrong.box.credentials.enterpriseId,
          });
          gateway.unreachable.add(unreachable.box.credentials.clientId);
          slow.box.faults.add({ match: { route: 'folders' }, answer: { kind: 'delay', ms: 1_000 } });

          const host = scene.host({
            'elasticsearch.api_key': await scene.ownKey('.elastic-connectors*'),
            connectors: connectors.map(({ id, key }) => ({ connector_id: id, service_type: 'box', api_key: key })),
            service: { idling: 0.5, max_concurrent_content_syncs: syncsAtOnce },
            box: { calls_per_minute: 0, listing: { concurrency: 1 }, base_url: gateway.url },
          });
          const service = scene.serve(host, [], { BOX_BASE_URL: '' });
          const ran = (jobs: readonly Job[], id: string) =>
            completed(jobs).filter((job) => connectorOf(job) === id).length;
          await until(
            'scheduled syncs of all that are well',
            () => scene.jobsOf(),
            (jobs) => others.every(({ id }) => ran(jobs, id) >= 2),
            60_000,
          );

          const [first] = await scene.jobsOf(slow.id);
          assert.is(first?.['status'], 'in_progress', 'the slow one has not ended meanwhile');
          assert.is((await scene.jobsOf(slow.id)).length, 1);
          for (const { id, box } of others) {
            const jobs = await scene.jobsOf(id);
            assert.ok(
              jobs.every((job) => job['error'] === null || job['error'] === undefined),
              JSON.stringify(jobs),
            );
            const connector = await scene.connector(id);
            assert.equal([connector['status'], connector['error']], ['connected', null]);
            assertEqualsBox(await indexContents(scene.client, id), box.box);
          }
          for (const { id, says } of [
            { id: wrong.id, says: /^AuthError: .*Box answered 400/ },
            { id: unreachable.id, says: /^AuthError: .*the connection was cut/ },
          ]) {
            const connector = await scene.connectorIs(id, 'error');
            assert.match(String(connector['error']), says, String(connector['error']));
            assert.equal(await scene.jobsOf(id), [], 'its schedule waits');
          }
          assert.is(mostAtOnce(await scene.jobsOf()), syncsAtOnce);

          // What was due meanwhile is caught up by one run.
          gateway.unreachable.clear();
          await until(
            'the sync of the one that was out of reach',
            () => scene.jobsOf(unreachable.id),
            (jobs) => completed(jobs).length > 0,
          );
          const { code, stderr } = await scene.stop(service);
          assert.is(code, 0);
          assert.not.match(stderr, 'Warning', 'of Node itself');
        });
      } finally {
        await gateway.close();
        for (const box of boxes) await box.close();
      }
    });
  },
  { timeoutMs: 120_000 },
);
