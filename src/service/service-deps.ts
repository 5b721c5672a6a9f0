import type { Log } from '../app/log.js';
import type { Config } from '../config/schema.js';
import type { Clock } from '../core/clock.js';
import type { Endpoint } from '../endpoint/start-endpoint.js';
import type { Protocol } from './protocol.js';
import type { Protocols } from './protocols.js';

/** What the service as a whole works with. */
export interface WholeServiceDeps extends Omit<ServiceDeps, 'protocol'> {
  readonly protocols: Protocols;
}

/** What every part of the service works with. */
export interface ServiceDeps {
  readonly protocol: Protocol;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  /** Of this machine, as jobs name their worker. */
  readonly hostname: string;
  /** This process, as the lock on a state names it. */
  readonly holder: string;
  /** The file: what no connector says. */
  readonly config: Config;
  /** Who watches from outside; `null`: nobody. */
  readonly endpoint: Pick<Endpoint, 'figures' | 'ready'> | null;
  /** Aborted when what is under way has to be suspended. */
  readonly stop: AbortSignal;
  /** Aborted when it has to end at once, with what has been reached written down. */
  readonly abort: AbortSignal;
  /** Aborted when not even that may be waited for. */
  readonly kill: AbortSignal;
}
