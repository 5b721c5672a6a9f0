import { stringify } from 'yaml';
import type { Purpose } from '../../src/config/check-config.js';
import { type LoadedConfig, loadConfig } from '../../src/config/load-config.js';

/** A configuration as it is after loading, from its sections; the defaults fill the rest. */
export function loadTestConfig(sections: object = {}, purpose: Purpose = 'nothing'): LoadedConfig {
  return loadConfig(
    { env: {}, readText: () => stringify(sections), checkSyncRules: () => [] },
    { path: 'config.yml', purpose },
  );
}
