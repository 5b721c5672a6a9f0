import type { LoadedConfig } from '../config/load-config.js';
import { sqliteStore } from '../state/sqlite-store.js';
import type { CommandContext } from './command-context.js';
import { exitCodes } from './exit-codes.js';
import { type StateChoice, lookedAtState } from './looked-at-state.js';
import { stateExists } from './state-exists.js';

/** Prints one line of JSON for each document that was rejected, the latest first. */
export function listDeadLettersCommand(
  { config }: LoadedConfig,
  { say }: CommandContext,
  { limit, ...choice }: StateChoice & { readonly limit: number },
): number {
  const path = lookedAtState(config, choice);
  if (!stateExists(path)) return exitCodes.complete;
  const store = sqliteStore(path);
  try {
    for (const letter of store.deadLetters.list(limit)) {
      say(JSON.stringify({ ...letter, lastTried: new Date(letter.lastTried).toISOString() }));
    }
    return exitCodes.complete;
  } finally {
    store.close();
  }
}
