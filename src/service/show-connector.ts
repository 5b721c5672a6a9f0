import { exitCodes } from '../app/exit-codes.js';
import { printable } from '../core/printable.js';
import { columns } from './columns.js';
import { checkConfigurationValues } from './configuration-values.js';
import { type Schedule, syncKinds } from './connector-document.js';
import type { ConnectorTools } from './connector-tools.js';
import { activeProblem, activeRules, draftRules } from './filtering.js';
import { findConnector } from './find-connector.js';
import { jobJson } from './job-json.js';
import { members } from './json-members.js';
import { parseQuartz } from './schedule/quartz-schedule.js';

/** How many of the latest jobs, and of the next times of a schedule, are shown. */
const shown = { jobs: 10, times: 3 };

/** Prints a connector, its schedules and its latest jobs. Values of its form are not shown: most are secrets. */
export async function showConnector(
  { protocol, clock, config, say }: Pick<ConnectorTools, 'protocol' | 'clock' | 'config' | 'say'>,
  { id, json }: { readonly id: string; readonly json: boolean },
): Promise<number> {
  const connector = await findConnector(protocol, id);
  const jobs = (await protocol.jobsOf(id, shown.jobs)).map(jobJson);
  const checked = checkConfigurationValues(connector.configuration, config);
  const isoOf = (at: number | null) => (at === null ? null : new Date(at).toISOString());
  const draft = draftRules(connector.filtering);
  const facts = {
    id,
    name: connector.name,
    index_name: connector.indexName,
    status: connector.status,
    error: connector.error,
    is_native: connector.isNative,
    last_seen: isoOf(connector.lastSeen),
    last_synced: isoOf(connector.lastSynced),
    last_sync_status: connector.lastSyncStatus,
    last_sync_error: connector.lastSyncError,
    form: 'problem' in checked ? checked.problem : 'complete',
    pipeline: connector.pipeline,
    scheduling: Object.fromEntries(
      syncKinds.map((kind) => [kind, scheduleJson(connector.scheduling[kind], new Date(clock.now()))]),
    ),
    rules: {
      active: activeRules(connector.filtering).length,
      problem: activeProblem(connector.filtering),
      draft: members.text(members.of(draft['validation'])['state']),
    },
  };
  if (json) {
    say(JSON.stringify({ ...facts, jobs }));
    return exitCodes.complete;
  }
  const schedules = Object.entries(facts.scheduling).map(([kind, one]) => [
    `Schedule ${kind}`,
    one === null
      ? '-'
      : (one.problem ?? (one.enabled ? `${one.interval}, next ${one.next.join(', ')}` : `${one.interval}, off`)),
  ]);
  const lines = columns([
    ['Connector', id],
    ['Name', facts.name ?? '-'],
    ['Index', facts.index_name ?? '-'],
    ['Pipeline', members.text(connector.pipeline?.['name']) ?? 'as config.yml says'],
    ['Status', facts.status],
    ['Error', facts.error ?? '-'],
    ['Form', facts.form],
    ['Last seen', facts.last_seen ?? 'never: no service has looked at it yet'],
    [
      'Last sync',
      facts.last_sync_status === null ? '-' : `${facts.last_sync_status} ${facts.last_synced ?? ''}`.trim(),
    ],
    ['Sync error', facts.last_sync_error ?? '-'],
    ...schedules,
    ['Rules', `${facts.rules.active} active, draft ${facts.rules.draft ?? '-'}; ${facts.rules.problem ?? 'no fault'}`],
  ]);
  for (const line of lines) say(line);
  if (jobs.length === 0) {
    say('No job yet');
    return exitCodes.complete;
  }
  say('');
  const rows = jobs.map((job) => [
    job.id,
    job.status,
    job.job_type,
    job.trigger_method ?? '-',
    job.created_at ?? '-',
    job.completed_at ?? '-',
    String(job.indexed_document_count),
    String(job.deleted_document_count),
    printable(job.error ?? '-'),
  ]);
  const head = ['JOB', 'STATUS', 'KIND', 'TRIGGER', 'CREATED', 'ENDED', 'INDEXED', 'DELETED', 'ERROR'];
  for (const line of columns([head, ...rows])) say(line);
  return exitCodes.complete;
}

interface ShownSchedule {
  readonly enabled: boolean;
  readonly interval: string;
  /** The next times, if it is on and can be read. */
  readonly next: readonly string[];
  readonly problem: string | null;
}

function scheduleJson(schedule: Schedule | null, now: Date): ShownSchedule | null {
  if (schedule === null) return null;
  const parsed = parseQuartz(schedule.interval);
  if ('problem' in parsed) return { ...schedule, next: [], problem: parsed.problem };
  const next: string[] = [];
  let after: Date | null = now;
  while (schedule.enabled && next.length < shown.times) {
    after = parsed.schedule.next(after);
    if (after === null) break;
    next.push(after.toISOString());
  }
  return { ...schedule, next, problem: null };
}
