import type { Observable } from 'rxjs';
import type { Config } from '../config/schema.js';
import { AbortedError } from '../core/errors.js';
import type { Outcome } from '../core/outcome.js';
import { watchdog } from '../core/watchdog.js';
import { describeRun } from '../state/describe-run.js';
import type { Run } from '../state/run.js';
import { countedDownloads } from './counted-downloads.js';
import { drainLimit } from './drain-limit.js';
import type { SyncDeps } from './sync.js';
import { untilAborted } from './until-aborted.js';

/** A request to Elasticsearch may be silent for its whole timeout; what it leads to needs a moment. */
const graceSeconds = 30;

type Deps = Pick<SyncDeps, 'access' | 'target' | 'waits' | 'log' | 'stop' | 'abort'>;

/**
 * Subscribes to what a run does, to its end. Rejects with `StageError` if it stands still for `run.stall_after`, and with
 * `AbortedError` (or the fault that an abort was for) as soon as it is aborted: every call is cancelled within a tick.
 * It is aborted as well when it has not ended `service.drain_timeout` after `stop`; the log then says what was held.
 * `begin` is given the access whose bytes are looked at.
 */
export async function runToEnd(
  deps: Deps,
  config: Pick<Config, 'run' | 'elasticsearch' | 'service'>,
  run: Run,
  begin: (access: Deps['access']) => Promise<Observable<Outcome>>,
): Promise<void> {
  const { access, target, waits, log, stop, abort } = deps;
  let bytes = 0;
  const outcomes = await begin({ ...access, box: countedDownloads(access.box, (more) => (bytes += more)) });
  const figures = () => {
    const { ledger, pages, documents, content } = run.gates;
    const { listed, written, unchanged, filtered, rejected, deleted } = run.tally.report();
    return [
      ...[listed, written, unchanged, filtered, rejected, deleted, run.tally.unreadCount],
      ...[ledger, pages, documents, content].map(({ waiting }) => waiting),
      ...[ledger.outstanding, pages.held, documents.held, content.held],
      ...[...Object.values(access.counts.calls), ...Object.values(access.counts.repeats)],
      bytes,
      target.requests(),
    ];
  };
  const watched = outcomes.pipe(
    watchdog(
      { clock: waits.plainClock, waits, figures, describe: () => describeRun(run) },
      { stallAfterMs: Math.max(config.run.stall_after, config.elasticsearch.request_timeout + graceSeconds) * 1_000 },
    ),
  );
  const { drain_timeout: seconds } = config.service;
  const drain = drainLimit(waits.plainClock, stop, seconds * 1_000);
  try {
    await untilAborted(watched, AbortSignal.any([abort, drain.signal]));
  } catch (error) {
    if (error instanceof AbortedError && drain.signal.aborted) {
      log.warn(
        `What was under way did not end within service.drain_timeout (${seconds} s), and is given up: the next run does it again. ${describeRun(run)}`,
      );
    }
    throw error;
  } finally {
    drain.cancel();
  }
}
