import { asyncScheduler } from 'rxjs';
import type { HttpClient } from '../box/http-client.js';
import { withRecording } from '../box/with-recording.js';
import type { Config } from '../config/schema.js';
import { systemClock } from '../core/clock.js';
import { Waits } from '../core/waits.js';
import { lockState } from '../state/lock-state.js';
import { openState } from '../state/open-state.js';
import { boxAccess } from './box-access.js';
import type { CommandContext } from './command-context.js';
import { countedDownloads } from './counted-downloads.js';
import { makeTarget } from './make-target.js';
import { replayedAccess } from './replayed-access.js';
import { showProgress } from './show-progress.js';
import { statePath } from './state-path.js';
import { storeForRun } from './store-for-run.js';
import { withClosing } from './with-closing.js';
import { summaryLine } from './summary.js';
import type { SyncDeps, SyncResult } from './sync.js';

export interface OpenRunOptions {
  readonly dryRun?: boolean;
  /** Folder that all exchanges with Box are kept in. */
  readonly record?: string | undefined;
  /** Folder of kept exchanges that are used instead of Box. */
  readonly replay?: string | undefined;
}

/** Everything that a run works with. */
export interface OpenedRun {
  readonly deps: SyncDeps;
  /** The summary as one line of JSON. */
  readonly summary: (result: SyncResult) => string;
  readonly hideProgress: () => void;
}

/**
 * Takes the lock on the state, opens it, makes what reaches Box and where documents go, runs `work` with it, and closes
 * all of it in reverse order, however it ends.
 */
export async function withOpenRun<T>(
  config: Config,
  context: CommandContext,
  { dryRun = false, record, replay }: OpenRunOptions,
  work: (opened: OpenedRun) => Promise<T>,
): Promise<T> {
  const { log, env, version, stop, abort, pid, peakRssMiB } = context;
  const waits = new Waits(systemClock);
  const { clock } = waits;
  const startedAt = clock.now();
  const path = statePath(config);
  return withClosing(async (closing) => {
    const lock = lockState(path, `process ${pid}, since ${new Date(startedAt).toISOString()}`);
    closing(() => lock.release());
    const kept = openState(path, { log });
    closing(() => kept.close());
    const store = storeForRun(kept, { dryRun, replay: replay !== undefined });
    if (store !== kept) closing(() => store.close());
    // The next run without a replay has to look at what this one leaves in the index.
    if (replay !== undefined && !dryRun) kept.facts.set('index.count', 'an unknown number');

    const recordedIn = (folder: string) => (network: HttpClient, isEnterprise: boolean) => {
      const walk = isEnterprise ? 'enterprise' : 'account';
      const recording = withRecording(network, { folder, baseUrl: config.box.base_url, walk });
      closing(() => recording.close());
      return recording.http;
    };
    const shared = { clock, random: Math.random, log };
    const boxDeps = { ...shared, tokens: kept.tokens, env, version };
    const access =
      replay === undefined
        ? boxAccess({ ...boxDeps, wrapTransport: record === undefined ? undefined : recordedIn(record) }, config)
        : replayedAccess(replay, boxDeps, config);
    closing(() => access.close());
    const target = await makeTarget(
      { ...shared, version, scheduler: waits.scheduler(asyncScheduler) },
      config,
      dryRun ? context.stdout : null,
    );
    closing(() => target.close());

    let bytesDownloaded = 0;
    const box = countedDownloads(access.box, (bytes) => (bytesDownloaded += bytes));
    const progress = { hide: () => {} };
    closing(() => progress.hide());
    const deps: SyncDeps = {
      ...shared,
      waits,
      store,
      access: { ...access, box },
      target,
      stop,
      abort,
      onRun: (run) => {
        progress.hide = showProgress(context, { run, counts: access.counts, clock, requests: target.requests });
      },
    };
    const summary = (result: SyncResult) =>
      summaryLine(result, access.counts, {
        bytesDownloaded,
        bulkRequests: target.requests(),
        seconds: (clock.now() - startedAt) / 1_000,
        peakRssMiB: Math.round(peakRssMiB()),
      });
    return work({ deps, summary, hideProgress: () => progress.hide() });
  });
}
