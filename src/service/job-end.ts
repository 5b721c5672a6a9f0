import { lostSightAdvice } from '../box/lost-sight-advice.js';
import { assertNever } from '../core/assert-never.js';
import type { RunReport } from '../core/run-report.js';

/** How a job ended, for Kibana. */
export interface JobEnd {
  readonly status: 'completed' | 'error' | 'canceled' | 'suspended';
  /** In words; `null` if there is none. */
  readonly error: string | null;
}

/** Kibana shows the text as a whole. */
const longest = 2_000;

/** How the error of a job begins that has done what it could. */
const incomplete = 'Incomplete: ';

/** Whether a job with this error went to its end, or can be gone on with, and only lacks something. */
export function isIncomplete(error: string | null): boolean {
  return error?.startsWith(incomplete) === true;
}

/** What the end of a run is for its job. */
export function endOfRun(
  {
    state,
    report,
    stopped,
  }: {
    readonly state: 'complete' | 'incomplete' | 'failed' | 'interrupted';
    readonly report: RunReport;
    readonly stopped: string | null;
  },
  asked: 'nothing' | 'cancel' | 'suspend',
): JobEnd {
  switch (state) {
    case 'complete':
      return { status: 'completed', error: null };
    case 'incomplete':
      return { status: 'error', error: inOneLine(`${incomplete}${whatIsMissing(report)}`) };
    case 'failed':
      return { status: 'error', error: 'The sync has failed' };
    case 'interrupted':
      if (asked === 'cancel') return { status: 'canceled', error: null };
      if (asked === 'suspend') return { status: 'suspended', error: null };
      return {
        status: 'error',
        error: inOneLine(
          `${incomplete}stopped before its end, since ${stopped ?? 'it had to'}. The next sync resumes it`,
        ),
      };
    default:
      return assertNever(state);
  }
}

/** A failure as Kibana shows it: the kind of error and its message, in one line. */
export function failureText(error: unknown): string {
  if (!(error instanceof Error)) return inOneLine(String(error));
  return inOneLine(error.message === '' ? error.name : `${error.name}: ${error.message}`);
}

function whatIsMissing({ unread, rejected, deletesHeld }: RunReport): string {
  const [first] = unread;
  return [
    ...(first === undefined
      ? []
      : [
          `${unread.length} could not be read, so nothing below them was deleted (first: ${first.type} ${first.id} ${JSON.stringify(first.path)}: ${first.reason})`,
        ]),
    ...(rejected === 0 ? [] : [`${rejected} documents were rejected`]),
    ...(deletesHeld === 0
      ? []
      : [
          `${deletesHeld} documents have gone from Box, or from what is configured, and are held back, since that is more than deletes.max_share allows, or an account that had items lists none. ${lostSightAdvice}`,
        ]),
  ].join('; ');
}

function inOneLine(text: string): string {
  const line = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').trim();
  return line.length > longest ? `${line.slice(0, longest - 3)}...` : line;
}
