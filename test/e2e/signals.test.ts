import * as assert from 'uvu/assert';
import { startSimulator } from '../../src/simulator/simulator.js';
import { Connector } from '../support/connector.js';
import { serve } from '../support/serve.js';
import { suite } from '../support/suite.js';

suite(
  'signals',
  (test) => {
    test('however many come, and whenever, a run ends with 130 and by no signal', async () => {
      const sim = await startSimulator({ tree: { users: 1, foldersPerUser: 40, filesPerFolder: 5 } });
      const { clientId, clientSecret, enterpriseId } = sim.credentials;
      sim.faults.add({ match: { route: 'folders' }, answer: { kind: 'delay', ms: 40 } });
      try {
        for (let round = 0; round < 8; round += 1) {
          const connector = new Connector();
          try {
            connector.configure({
              sink: 'bulk_file',
              bulk_file: { path: 'bulk.ndjson' },
              extraction: { method: 'none' },
              box: {
                base_url: sim.url,
                is_enterprise: 'box_enterprise',
                client_id: clientId,
                client_secret: clientSecret,
                enterprise_id: enterpriseId,
                calls_per_minute: 0,
                listing: { concurrency: 1 },
              },
            });
            const before = sim.calls.of('folders');
            const run = connector.start(['sync']);
            while (sim.calls.of('folders') === before && run.process.exitCode === null) {
              await new Promise((resolve) => setTimeout(resolve, 5));
            }
            const more = setInterval(() => run.kill('SIGTERM'), 1);
            const { code, signal, stderr } = await run.ended;
            clearInterval(more);
            assert.equal([code, signal], [130, null], `round ${round}: ${stderr}`);
          } finally {
            connector.remove();
          }
        }
      } finally {
        await sim.close();
      }
    });

    test('a service ends within its drain time before an Elasticsearch that takes connections and says nothing', async () => {
      const silent = await serve(() => {});
      const connector = new Connector();
      try {
        connector.configure({
          elasticsearch: { host: silent.url, api_key: 'x' },
          connectors: [{ connector_id: 'a', service_type: 'box' }],
          service: { drain_timeout: 1 },
        });
        const service = connector.start([]);
        while (silent.connections() === 0 && service.process.exitCode === null) {
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        const askedAt = Date.now();
        service.kill('SIGTERM');
        const { code, stderr } = await service.ended;
        assert.is(code, 0, stderr);
        assert.ok(Date.now() - askedAt < 3_000, `${Date.now() - askedAt} ms`);
      } finally {
        connector.remove();
        await silent.close();
      }
    });
  },
  { timeoutMs: 60_000 },
);
