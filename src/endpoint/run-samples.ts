import type { CallCounts } from '../box/call-counts.js';
import type { BulkCounts } from '../sinks/bulk-counts.js';
import type { Run } from '../state/run.js';
import { type Sample, sample } from './sample.js';

/** What Box was asked, and how it answered. */
export function callSamples({ ends, repeats, rateWaits }: CallCounts): readonly Sample[] {
  return [
    ...[...ends].flatMap(([route, byStatus]) =>
      [...byStatus].map(([status, count]) =>
        sample('box_connector_box_calls_total', count, { route, status: String(status) }),
      ),
    ),
    ...Object.entries(repeats).map(([reason, count]) => sample('box_connector_box_repeats_total', count, { reason })),
    sample('box_connector_box_rate_waits_total', rateWaits.calls),
    sample('box_connector_box_rate_wait_seconds_total', rateWaits.ms / 1_000),
  ];
}

/** What was sent to Elasticsearch, and how it answered. */
export function bulkSamples({ ends, items }: BulkCounts): readonly Sample[] {
  return [
    ...[...ends].map(([status, count]) =>
      sample('box_connector_bulk_requests_total', count, { status: String(status) }),
    ),
    ...[...items].map(([status, count]) => sample('box_connector_bulk_items_total', count, { status: String(status) })),
  ];
}

/** What a run has counted. A run that goes on with an earlier one begins with the counts of that. */
export function tallySamples({ tally }: Run): readonly Sample[] {
  const { listed, written, unchanged, filtered, rejected, deleted, withoutContent } = tally.report();
  return [
    sample('box_connector_rows_read_total', listed),
    ...Object.entries({ written, unchanged, filtered, rejected, deleted }).map(([outcome, count]) =>
      sample('box_connector_rows_total', count, { outcome }),
    ),
    sample('box_connector_rows_without_content_total', withoutContent),
    sample('box_connector_unread_total', tally.unreadCount),
  ];
}

/** How full the rooms of a run are. */
export function roomSamples({ ledger, budget, frontier, store }: Run): readonly Sample[] {
  return [
    sample('box_connector_ledger_rows', ledger.outstanding),
    sample('box_connector_ledger_waiting', ledger.waiting),
    sample('box_connector_budget_bytes', budget.held),
    sample('box_connector_budget_waiting', budget.waiting),
    sample('box_connector_frontier_folders', frontier.waiting()),
    sample('box_connector_dead_letters', store.deadLetters.count()),
  ];
}
