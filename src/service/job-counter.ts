import type { RunReport } from '../core/run-report.js';
import type { JobCounts } from './job-document.js';

type Reported = Pick<RunReport, 'written' | 'deleted'>;

/**
 * What a job has done, counted by what was accepted. A run may be older than the job (a cancelled one is gone on with
 * by the next job), and a job older than its run (it was suspended), so that neither's counts are simply the other's.
 */
export class JobCounter {
  readonly #before: JobCounts;
  #kept: Reported;
  #base: Reported = { written: 0, deleted: 0 };
  #volume: number;
  #report: (() => Reported) | undefined;

  /** `before`: what the job's document says that it had done when it was stopped. */
  constructor(before: JobCounts) {
    this.#before = before;
    this.#kept = { written: before.indexed, deleted: before.deleted };
    this.#volume = before.volume;
  }

  /** The run has begun. `isSameJob`: what it has done up to now it has done for this job. */
  follow(report: () => Reported, isSameJob: boolean): void {
    const { written, deleted } = report();
    const isGoneOnWith = written > 0 || deleted > 0;
    if (isSameJob && isGoneOnWith) {
      // The state is written before the document, so it knows better.
      this.#kept = { written: 0, deleted: 0 };
    } else {
      this.#kept = { written: this.#before.indexed, deleted: this.#before.deleted };
      this.#base = { written, deleted };
    }
    this.#report = report;
  }

  accepted(bytes: number): void {
    this.#volume += bytes;
  }

  now(): JobCounts {
    const { written, deleted } = this.#report?.() ?? this.#base;
    return {
      indexed: this.#kept.written + written - this.#base.written,
      deleted: this.#kept.deleted + deleted - this.#base.deleted,
      volume: this.#volume,
    };
  }
}
