import type { LoadedConfig } from '../config/load-config.js';
import type { Config } from '../config/schema.js';
import type { Endpoint } from '../endpoint/start-endpoint.js';
import type { Run } from '../state/run.js';
import { boundHeap } from './bound-heap.js';
import type { CommandContext } from './command-context.js';
import { exitCodes } from './exit-codes.js';
import { explainResult } from './explain-result.js';
import { followedSync } from './followed-sync.js';
import { openEndpoint } from './open-endpoint.js';
import { type OpenRunOptions, withOpenRun } from './open-run.js';

export interface SyncCommandOptions extends OpenRunOptions {
  readonly full?: boolean;
  readonly rewrite?: boolean;
  readonly allowDeletes?: boolean;
}

/** The label `connector` of a run that is no connector's. */
const figuresName = 'sync';

/**
 * One run from the configuration; prints the summary as one line of JSON, and what is wrong in words on stderr. While
 * it goes on, health and metrics can be read where `service.http` says.
 */
export async function syncCommand(
  { config }: LoadedConfig,
  context: CommandContext,
  options: SyncCommandOptions,
): Promise<number> {
  // A look at what would be done must not be in the way of what is done.
  const endpoint = options.dryRun === true ? null : await openEndpoint(config, context);
  boundHeap();
  try {
    return await runWatched(config, context, options, endpoint);
  } finally {
    await endpoint?.close();
  }
}

function runWatched(
  config: Config,
  context: CommandContext,
  options: SyncCommandOptions,
  endpoint: Endpoint | null,
): Promise<number> {
  const { log, say, stderr, stop, abort } = context;
  const figures = endpoint?.figures.of(figuresName) ?? null;
  return withOpenRun(config, context, options, async ({ deps, summary, hideProgress }) => {
    // A recording is of a run that knew nothing, or did everything again.
    const rewrite = options.rewrite === true || options.replay !== undefined;
    if (options.record !== undefined && !rewrite && deps.store.catalogue.indexed() > 0) {
      log.warn(
        'The recording will lack the content of what has not changed, so that it cannot be replayed as a whole: --full --rewrite records everything',
      );
    }
    const onRun = (run: Run) => {
      endpoint?.ready();
      deps.onRun?.(run);
    };
    const result = await followedSync(
      figures,
      { ...deps, onRun },
      {
        config,
        kind: options.full === true || rewrite ? 'full' : 'incremental',
        rewrite,
        allowDeletes: options.allowDeletes === true,
      },
    );
    hideProgress();
    explainResult(result, log, config);
    if (options.dryRun === true) stderr.write(`${summary(result)}\n`);
    else say(summary(result));
    // Stopped for want of calls or of Box: no person has asked for it, so a supervisor should know.
    if (result.state === 'interrupted' && !stop.aborted && !abort.aborted) return exitCodes.incomplete;
    return exitCodes[result.state];
  });
}
