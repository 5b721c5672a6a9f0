import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqliteStore } from '../state/sqlite-store.js';
import type { Store } from '../state/store.js';

/**
 * The state that a run works on: the kept one; for a dry run a copy of it, which is thrown away; for a replay, which is
 * of another Box, an empty one. Tokens are always those of the kept one.
 */
export function storeForRun(
  kept: Store,
  { dryRun, replay }: { readonly dryRun: boolean; readonly replay: boolean },
): Store {
  if (replay) return { ...sqliteStore(':memory:'), tokens: kept.tokens };
  if (!dryRun) return kept;
  const folder = mkdtempSync(join(tmpdir(), 'box-connector-'));
  const copy = join(folder, 'state.sqlite');
  kept.copyTo(copy);
  const store = sqliteStore(copy);
  return {
    ...store,
    tokens: kept.tokens,
    close() {
      store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
