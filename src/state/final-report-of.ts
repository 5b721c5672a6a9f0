import { StageError } from '../core/errors.js';
import { messageOf } from '../core/message-of.js';
import type { RunReport } from '../core/run-report.js';
import { describeRun } from './describe-run.js';
import type { Run } from './run.js';

/** The counts of a run that has ended. Throws `StageError`, with what is missing and where it was last, if they are not equal. */
export function finalReportOf(run: Run): RunReport {
  try {
    return run.tally.finalReport();
  } catch (error) {
    throw new StageError(`${messageOf(error)}. ${describeRun(run)}`, { cause: error });
  }
}
