import type { JobFacts } from './job-document.js';
import type { Members } from './json-members.js';

/** What to write into a job that somebody cancels; `null`: nothing, as it has ended or is being cancelled. */
export function cancelledJob({ status }: Pick<JobFacts, 'status'>, now: Date): (Members & { status: string }) | null {
  const at = now.toISOString();
  switch (status) {
    case 'pending':
    case 'suspended':
      // Nobody works on it who could close it.
      return { status: 'canceled', cancelation_requested_at: at, canceled_at: at, completed_at: at };
    case 'in_progress':
      return { status: 'canceling', cancelation_requested_at: at };
    default:
      return null;
  }
}
