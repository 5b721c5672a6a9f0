import { systemClock } from '../core/clock.js';
import type { HttpClient } from '../box/http-client.js';
import { withRecording } from '../box/with-recording.js';
import type { LoadedConfig } from '../config/load-config.js';
import { lockState } from '../state/lock-state.js';
import { sqliteStore } from '../state/sqlite-store.js';
import { boundHeap } from './bound-heap.js';
import { boxAccess } from './box-access.js';
import type { CommandContext } from './command-context.js';
import { countedDownloads } from './counted-downloads.js';
import { exitCodes } from './exit-codes.js';
import { explainResult } from './explain-result.js';
import { makeTarget } from './make-target.js';
import { replayedAccess } from './replayed-access.js';
import { showProgress } from './show-progress.js';
import { statePath } from './state-path.js';
import { storeForRun } from './store-for-run.js';
import { summaryLine } from './summary.js';
import { sync } from './sync.js';

export interface SyncCommandOptions {
  readonly full?: boolean;
  readonly rewrite?: boolean;
  readonly dryRun?: boolean;
  readonly allowDeletes?: boolean;
  /** Folder that all exchanges with Box are kept in. */
  readonly record?: string;
  /** Folder of kept exchanges that are used instead of Box. */
  readonly replay?: string;
}

/** One run from the configuration; prints the summary as one line of JSON, and what is wrong in words on stderr. */
export async function syncCommand(
  { config }: LoadedConfig,
  context: CommandContext,
  options: SyncCommandOptions,
): Promise<number> {
  const { log, env, version, say, stop, abort, pid, peakRssMiB } = context;
  boundHeap();
  const clock = systemClock;
  const startedAt = clock.now();
  const path = statePath(config);
  const lock = lockState(path, `process ${pid}, since ${new Date(startedAt).toISOString()}`);
  const closing: (() => void | Promise<void>)[] = [() => lock.release()];
  try {
    const kept = sqliteStore(path);
    closing.push(() => kept.close());
    const store = storeForRun(kept, path, {
      dryRun: options.dryRun === true,
      replay: options.replay !== undefined,
    });
    if (store !== kept) closing.push(() => store.close());

    // A recording is of a run that knew nothing, or did everything again.
    const rewrite = options.rewrite === true || options.replay !== undefined;
    if (options.record !== undefined && !rewrite && store.catalogue.indexed() > 0) {
      log.warn(
        'The recording will lack the content of what has not changed, so that it cannot be replayed as a whole: --full --rewrite records everything',
      );
    }
    const recordedIn = (folder: string) => (network: HttpClient, isEnterprise: boolean) => {
      const walk = isEnterprise ? 'enterprise' : 'account';
      const recording = withRecording(network, { folder, baseUrl: config.box.base_url, walk });
      closing.push(() => recording.close());
      return recording.http;
    };

    let bytesDownloaded = 0;
    const deps = { clock, random: Math.random, log };
    const { record, replay } = options;
    const boxDeps = { ...deps, tokens: kept.tokens, env, version };
    const access =
      replay === undefined
        ? boxAccess({ ...boxDeps, wrapTransport: record === undefined ? undefined : recordedIn(record) }, config)
        : replayedAccess(replay, boxDeps, config);
    closing.push(() => access.close());
    const target = await makeTarget({ ...deps, version }, config, options.dryRun === true ? context.stdout : null);
    closing.push(() => target.close());
    const box = countedDownloads(access.box, (bytes) => (bytesDownloaded += bytes));

    let hideProgress = () => {};
    closing.push(() => hideProgress());
    const result = await sync(
      {
        ...deps,
        store,
        access: { ...access, box },
        target,
        stop,
        abort,
        onRun: (run) => {
          hideProgress = showProgress(context, { run, counts: access.counts, clock, requests: target.requests });
        },
      },
      {
        config,
        kind: options.full === true || rewrite ? 'full' : 'incremental',
        rewrite,
        allowDeletes: options.allowDeletes === true,
      },
    );
    hideProgress();
    explainResult(result, log, config.deletes);
    const summary = summaryLine(result, access.counts, {
      bytesDownloaded,
      bulkRequests: target.requests(),
      seconds: (clock.now() - startedAt) / 1_000,
      peakRssMiB: Math.round(peakRssMiB()),
    });
    if (options.dryRun === true) context.stderr.write(`${summary}\n`);
    else say(summary);
    // Stopped for want of calls or of Box: no person has asked for it, so a supervisor should know.
    if (result.state === 'interrupted' && !stop.aborted && !abort.aborted) return exitCodes.incomplete;
    return exitCodes[result.state];
  } finally {
    for (const close of closing.reverse()) await close();
  }
}
