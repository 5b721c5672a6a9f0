import { lostSightAdvice } from '../box/lost-sight-advice.js';
import type { Config } from '../config/schema.js';
import type { Log } from './log.js';
import type { SyncResult } from './sync.js';

/** How many of the things that could not be read are named in the log; the summary and `status` have all. */
const named = 20;

/** Says in words how a run ended and what is to be done about it. */
export function explainResult(
  { run, state, report, resumed, startedAt, stopped }: SyncResult,
  log: Log,
  { deletes, run: { resume_within: within } }: Pick<Config, 'deletes' | 'run'>,
): void {
  for (const { type, id, path, reason } of report.unread.slice(0, named)) {
    log.warn({ type, id, path }, `Not read, so nothing of it is deleted: ${reason}`);
  }
  if (report.unread.length > named) log.warn(`${report.unread.length - named} more could not be read; see "status"`);
  if (report.rejected > 0) {
    log.warn(`${report.rejected} documents were rejected; "dead-letters list" has them with their reasons`);
  }
  if (report.withoutContent > 0) {
    log.warn(
      `${report.withoutContent} files are indexed without their text; the next run tries those again that may have it by then. The first: ${report.withoutContentReason ?? 'not known'}`,
    );
  }
  if (report.deletesHeld > 0) {
    log.warn(
      `${report.deletesHeld} documents seem to have gone from Box, or from what is configured, and are not deleted, since these are more than deletes.max_share (${deletes.max_share}) allows, or an account that had items lists none. ${lostSightAdvice}. If it is right that they have gone, run once with --allow-deletes`,
    );
  }
  if (report.deletesPending > 0) {
    log.info(
      `${report.deletesPending} documents seem to have gone from Box; they are deleted when that is proven, or when a second complete run misses them too; where Box gives no answer or something cannot be read, when a run deletes.undecided_after (${deletes.undecided_after} s) later does`,
    );
  }
  const counts = `${report.listed} listed, ${report.written} written, ${report.unchanged} unchanged, ${report.filtered} filtered, ${report.rejected} rejected, ${report.deleted} deleted`;
  if (state === 'interrupted') {
    log.warn(
      `Run ${run} was stopped, since ${stopped ?? 'it had to'}: ${counts}. The next run resumes it, unless it has rested by then for more than run.resume_within (${within} s); rests after box.max_calls do not count`,
    );
    return;
  }
  if (resumed) {
    log.info(
      `Run ${run} was resumed: what it had listed before it was stopped, since ${new Date(startedAt).toISOString()}, was not listed again. What has changed there meanwhile comes with the next run`,
    );
  }
  log.info(`Run ${run} is ${state}: ${counts}`);
}
