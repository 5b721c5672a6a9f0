import type { Config } from '../config/schema.js';
import { ConfigError } from '../core/errors.js';
import { parseSyncRules } from '../operators/sync-rules/parse-sync-rules.js';
import type { SyncRules } from '../operators/sync-rules/sync-rules.js';

/** The sync rules of the configuration. */
export function configuredRules(config: Pick<Config, 'sync_rules'>): SyncRules {
  const parsed = parseSyncRules(config.sync_rules);
  if ('rules' in parsed) return parsed.rules;
  throw new ConfigError(parsed.problems.flatMap(({ messages }) => messages));
}
