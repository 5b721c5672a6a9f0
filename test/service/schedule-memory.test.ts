import * as assert from 'uvu/assert';
import { connectorStatePath } from '../../src/app/connector-state-path.js';
import { scheduleMemory } from '../../src/service/schedule-memory.js';
import { lockState } from '../../src/state/lock-state.js';
import { loadTestConfig } from '../support/load-test-config.js';
import { suite } from '../support/suite.js';
import { inTemporaryFolder } from '../support/temporary-folder.js';

suite('scheduleMemory', (test) => {
  test('holds the schedules of each connector across processes', () =>
    inTemporaryFolder(async (folder) => {
      const { config } = loadTestConfig({ state: { path: folder } });
      const open = (id: string, holder = 'one') => scheduleMemory({ config, holder }, id);
      assert.is(await open('a').recall(), null);
      const schedules = { full: '0 0 3 * * ?', incremental: null };
      assert.is(await open('a').keep(schedules), true);
      assert.equal(await open('a', 'another').recall(), schedules);
      assert.is(await open('b').recall(), null);
    }));

  test('knows nothing and keeps nothing while another process has the state', () =>
    inTemporaryFolder(async (folder) => {
      const { config } = loadTestConfig({ state: { path: folder } });
      const memory = scheduleMemory({ config, holder: 'this' }, 'a');
      const schedules = { full: null, incremental: '0 0 * * * ?' };
      await memory.keep(schedules);
      const lock = lockState(connectorStatePath(config, 'a'), 'another');
      try {
        assert.is(await memory.recall(), null);
        assert.is(await memory.keep({ full: null, incremental: null }), false);
      } finally {
        lock.release();
      }
      assert.equal(await memory.recall(), schedules);
    }));
});
