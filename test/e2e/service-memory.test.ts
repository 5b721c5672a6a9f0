import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import type { Running } from '../support/connector.js';
import { needing } from '../support/real-parts.js';
import { suite } from '../support/suite.js';
import { ServiceScene, until } from './service-scene.js';

const mostIdleMiB = 90;
const mostForOneMiB = 2;
const many = 20;

suite(
  'the memory of an idle service',
  (test) => {
    const it = existsSync('/proc/self/status')
      ? needing(test, 'elasticsearch')
      : (name: string) => test.skip(name, 'no /proc to read it from');

    it(`is below ${mostIdleMiB} MiB, and each further connector costs less than ${mostForOneMiB} MiB`, () =>
      ServiceScene.in({ tree: 'empty' }, async (scene) => {
        const create = async (count: number) => {
          const ids = await Promise.all(Array.from({ length: count }, () => scene.createConnector()));
          await Promise.all(ids.map((id) => scene.fillIn(id)));
          return ids;
        };
        /**
         * The memory of a service with the intervals that it has by default. What loading has left behind V8 collects
         * some seconds after a process has become idle, so there is time to get below what is expected.
         */
        const idle = async (ids: readonly string[], expectedMiB: number): Promise<number> => {
          const connectors = ids.map((id) => ({ connector_id: id, service_type: 'box' }));
          const service = scene.serve(scene.host({ connectors, service: { idling: 30 } }));
          for (const id of ids) await scene.connectorIs(id, 'connected');
          await pause(1_000);
          const found = await until(
            `memory below ${expectedMiB} MiB`,
            () => Promise.resolve(rssMiB(service)),
            (rss) => rss < expectedMiB,
            30_000,
          );
          const { code, stderr } = await scene.stop(service);
          assert.is(code, 0);
          assert.not.match(stderr, 'Warning', 'of Node itself');
          return found;
        };
        const one = await idle(await create(1), mostIdleMiB);
        await idle(await create(many), one + (many - 1) * mostForOneMiB);
      }));
  },
  { timeoutMs: 60_000 },
);

function rssMiB({ process: { pid } }: Running): number {
  const status = readFileSync(`/proc/${pid ?? 0}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1_024;
}
