import type { RunReport } from '../../src/core/run-report.js';

export const emptyReport: RunReport = {
  listed: 0,
  written: 0,
  withoutContent: 0,
  withoutContentReason: null,
  unchanged: 0,
  filtered: 0,
  rejected: 0,
  deleted: 0,
  deletesHeld: 0,
  deletesPending: 0,
  unread: [],
};
