import { printable } from '../core/printable.js';
import type { Run } from './run.js';

/** What a run holds and where, in words: for somebody who wants to know why it does not end. */
export function describeRun(run: Run): string {
  const stages = new Map<string, number>();
  let oldest: string | undefined;
  let count = 0;
  for (const { stage, value } of run.underWay()) {
    count += 1;
    stages.set(stage, (stages.get(stage) ?? 0) + 1);
    oldest ??= `${value.type} ${value.id}${value.path === undefined ? '' : ` "${value.path}"`} in the stage "${stage}"`;
  }
  const { ledger, pages, documents, content } = run.gates;
  const items =
    oldest === undefined
      ? 'No item is in the pipeline'
      : `${count} items are in the pipeline (${[...stages].map(([stage, some]) => `"${stage}": ${some}`).join(', ')}), the oldest is ${oldest}`;
  const room = [
    `rows ${ledger.outstanding} of ${ledger.limit}, ${ledger.waiting} wait`,
    `bytes of pages ${Math.ceil(pages.held)} of ${pages.limit}, ${pages.waiting} wait`,
    `bytes of documents ${Math.ceil(documents.held)} of ${documents.limit}, ${documents.waiting} wait`,
    `bytes of content ${content.held} of ${content.limit}, ${content.waiting} wait`,
  ];
  return printable(`${items}; ${room.join('; ')}; ${run.frontier.remaining()} folders are not listed to their end`);
}
