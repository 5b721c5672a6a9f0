import type { LoadedConfig } from '../config/load-config.js';
import { boundHeap } from './bound-heap.js';
import type { CommandContext } from './command-context.js';
import { exitCodes } from './exit-codes.js';
import { explainResult } from './explain-result.js';
import { type OpenRunOptions, withOpenRun } from './open-run.js';
import { sync } from './sync.js';

export interface SyncCommandOptions extends OpenRunOptions {
  readonly full?: boolean;
  readonly rewrite?: boolean;
  readonly allowDeletes?: boolean;
}

/** One run from the configuration; prints the summary as one line of JSON, and what is wrong in words on stderr. */
export function syncCommand(
  { config }: LoadedConfig,
  context: CommandContext,
  options: SyncCommandOptions,
): Promise<number> {
  const { log, say, stderr, stop, abort } = context;
  boundHeap();
  return withOpenRun(config, context, options, async ({ deps, summary, hideProgress }) => {
    // A recording is of a run that knew nothing, or did everything again.
    const rewrite = options.rewrite === true || options.replay !== undefined;
    if (options.record !== undefined && !rewrite && deps.store.catalogue.indexed() > 0) {
      log.warn(
        'The recording will lack the content of what has not changed, so that it cannot be replayed as a whole: --full --rewrite records everything',
      );
    }
    const result = await sync(deps, {
      config,
      kind: options.full === true || rewrite ? 'full' : 'incremental',
      rewrite,
      allowDeletes: options.allowDeletes === true,
    });
    hideProgress();
    explainResult(result, log, config.deletes);
    if (options.dryRun === true) stderr.write(`${summary(result)}\n`);
    else say(summary(result));
    // Stopped for want of calls or of Box: no person has asked for it, so a supervisor should know.
    if (result.state === 'interrupted' && !stop.aborted && !abort.aborted) return exitCodes.incomplete;
    return exitCodes[result.state];
  });
}
