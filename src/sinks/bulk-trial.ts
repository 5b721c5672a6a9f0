import { wrongAnswer } from './wrong-answer.js';
import type { BulkAnswer } from './bulk-client.js';

/**
 * A bulk request that changes nothing: its one item cannot succeed, as it wants an alias and a sequence number that no
 * document has. What Elasticsearch answers says whether it takes bulk requests at all.
 */
export const trialBody = `${JSON.stringify({
  index: { _id: 'outage-probe', require_alias: true, if_seq_no: 2 ** 31, if_primary_term: 2 ** 31 },
})}\n{}\n`;

/** Throws `TransientError` unless this is how Elasticsearch answers it. */
export function checkTrialAnswer(answer: BulkAnswer, action: string): void {
  const said = answer.items[0]?.['index'];
  if (answer.items.length !== 1 || said === undefined || said.status < 300) {
    throw wrongAnswer(action, answer, 'it accepts what it has to refuse');
  }
  // The one item that finds no room either passes nothing.
  if (said.status === 429 || said.status >= 500) {
    throw wrongAnswer(action, answer, `it answers ${said.status} to what it has to refuse`);
  }
}
