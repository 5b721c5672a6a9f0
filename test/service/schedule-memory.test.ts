import * as assert from 'uvu/assert';
import { connectorStatePath } from '../../src/app/connector-state-path.js';
import { scheduleMemory } from '../../src/service/schedule-memory.js';
import { lockState } from '../../src/state/lock-state.js';
import { loadTestConfig } from '../support/load-test-config.js';
import { suite } from '../support/suite.js';
import { inTemporaryFolder } from '../support/temporary-folder.js';
import { quietLog } from './quiet-log.js';

suite('scheduleMemory', (test) => {
  test('holds the schedules of each connector across processes', () =>
    inTemporaryFolder(async (folder) => {
      const { config } = loadTestConfig({ state: { path: folder } });
      const { log } = quietLog();
      const open = (id: string, holder = 'one') => scheduleMemory({ config, holder, log }, id);
      const schedules = { full: '0 0 3 * * ?', incremental: null };
      assert.equal(await open('a').swap(schedules), { before: null });
      const others = { full: null, incremental: '0 0 * * * ?' };
      assert.equal(await open('a', 'another').swap(others), { before: schedules });
      assert.equal(await open('a').swap(schedules), { before: others });
      assert.equal(await open('b').swap(schedules), { before: null });
    }));

  test('knows nothing and keeps nothing while another process has the state', () =>
    inTemporaryFolder(async (folder) => {
      const { config } = loadTestConfig({ state: { path: folder } });
      const memory = scheduleMemory({ config, holder: 'this', log: quietLog().log }, 'a');
      const schedules = { full: null, incremental: '0 0 * * * ?' };
      await memory.swap(schedules);
      const lock = lockState(connectorStatePath(config, 'a'), 'another');
      try {
        assert.is(await memory.swap({ full: null, incremental: null }), undefined);
      } finally {
        lock.release();
      }
      assert.equal(await memory.swap(schedules), { before: schedules });
    }));
});
