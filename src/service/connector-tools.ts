import type { Client } from '@elastic/elasticsearch';
import type { Log } from '../app/log.js';
import type { Config } from '../config/schema.js';
import type { Clock } from '../core/clock.js';
import type { Protocol } from './protocol.js';

/** What the `connector` commands work with. */
export interface ConnectorTools {
  readonly protocol: Protocol;
  readonly client: Client;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  /** Prints one line on stdout. */
  readonly say: (line: string) => void;
  readonly config: Config;
  /** An id that nobody has had. */
  readonly newId: () => string;
  /** Aborted when the person has seen enough. */
  readonly stop: AbortSignal;
}
