import type { JobFacts } from './job-document.js';

/** A job as the commands print it, by the names of its document. */
export function jobJson(job: JobFacts) {
  return {
    id: job.id,
    connector_id: job.connectorId,
    status: job.status,
    job_type: job.type,
    trigger_method: job.triggerMethod,
    created_at: isoOf(job.createdAt),
    started_at: job.startedAt,
    completed_at: isoOf(job.completedAt),
    worker_hostname: job.workerHostname,
    indexed_document_count: job.counts.indexed,
    deleted_document_count: job.counts.deleted,
    total_document_count: job.total,
    error: job.error,
  };
}

function isoOf(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
