import { takeUntil } from 'rxjs';
import type { LoadedConfig } from '../config/load-config.js';
import { whenAborted } from '../core/when-aborted.js';
import { deadLetterItems } from '../sources/dead-letter-items.js';
import { finalReportOf } from '../state/final-report-of.js';
import { Run } from '../state/run.js';
import type { CommandContext } from './command-context.js';
import { configuredRules } from './configured-rules.js';
import { configuredRun } from './configured-run.js';
import { exitCodes } from './exit-codes.js';
import { withOpenRun } from './open-run.js';
import { runToEnd } from './run-to-end.js';

/**
 * Tries the rejected documents again, and nothing else: each is asked of Box and sent. (Every run does so by itself for
 * what it lists; this is for not waiting for it.) Exit code 3 if some were rejected again.
 */
export function retryDeadLettersCommand(
  { config }: LoadedConfig,
  context: CommandContext,
  { limit }: { readonly limit: number },
): Promise<number> {
  const { say } = context;
  return withOpenRun(config, context, {}, async ({ deps }) => {
    const { store, target, stop, abort } = deps;
    const letters = store.deadLetters.list(limit);
    if (letters.length === 0) {
      say('No dead letters');
      return exitCodes.complete;
    }
    await target.prepare(abort);
    const rules = configuredRules(config);
    const run = new Run(store, {
      // Part of the last run: what it has seen stays seen.
      id: store.runs.last()?.id ?? 0,
      kind: 'incremental',
      rewrite: true,
      rows: config.pipeline_limits.rows,
      bytes: config.pipeline_limits.bytes,
      listingBytes: config.pipeline_limits.listing_bytes,
      rules: rules.fingerprint,
      before: null,
      now: () => deps.clock.now(),
    });
    await runToEnd(deps, config, run, (watched) => {
      const source = deadLetterItems({ box: watched.box, run }, letters).pipe(takeUntil(whenAborted(stop)));
      return configuredRun({ ...deps, access: watched }, config, { run, source, rules });
    });
    for (const line of run.oddities.lines()) deps.log.warn(line);
    const { written, rejected } = finalReportOf(run);
    say(
      `${letters.length} dead letters tried: ${written} written, ${rejected} rejected again, ${store.deadLetters.count()} left`,
    );
    return rejected > 0 ? exitCodes.incomplete : exitCodes.complete;
  });
}
