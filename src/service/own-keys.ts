import type { LoadedConfig } from '../config/load-config.js';

/**
 * The key of each connector, by id, where those are all there is to sign in with: then each connector's key is also for
 * its own documents. `null`: there is a sign-in for all connectors.
 */
export function ownKeys({ config, signsIn }: LoadedConfig): ReadonlyMap<string, string> | null {
  if (signsIn || config.service.worker_mode) return null;
  const keys = new Map<string, string>();
  for (const { connector_id: id, service_type: type, api_key: key } of config.connectors) {
    if (type !== 'box') continue;
    if (key === null) return null;
    keys.set(id, key);
  }
  return keys.size === 0 ? null : keys;
}
