import type { Envelope } from './envelope.js';
import type { Outcome } from './outcome.js';

/** What a sink emits: an item and how it ended. The sink itself settles nothing; the settle stage does. */
export interface Settled {
  readonly envelope: Envelope<unknown>;
  readonly outcome: Outcome;
}
