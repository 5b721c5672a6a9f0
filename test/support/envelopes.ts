import { Envelope } from '../../src/core/envelope.js';
import type { Outcome } from '../../src/core/outcome.js';
import type { Gone } from '../../src/sources/change.js';

/** Makes envelopes and notes how they end. */
export class Envelopes {
  readonly outcomes: Outcome[] = [];

  of<T>(value: T): Envelope<T> {
    return Envelope.of(value, (outcome) => this.outcomes.push(outcome));
  }
}

export const goneFile: Gone = { kind: 'gone', type: 'file', id: '9', documentId: '9', proof: 'trashed' };
