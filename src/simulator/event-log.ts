import { createHash } from 'node:crypto';
import { enterpriseDate } from './enterprise-date.js';
import type { Settings } from './settings.js';

export interface NewEvent {
  /** Type in the streams of users; `null`: does not appear there. */
  readonly userType: string | null;
  /** Type in the streams of the enterprise; `null`: does not appear there. */
  readonly adminType: string | null;
  readonly actor: string;
  /** Whether it appears in `changes` and `sync`; everything appears in `all`. */
  readonly isTreeChange: boolean;
  /** Those whose streams show it; with what they see as `source`, as JSON. */
  readonly viewers: Pick<ReadonlyMap<string, string>, 'has' | 'get'>;
  /** Viewers who see it in `changes`; `undefined`: all of them. */
  readonly changeViewers?: ReadonlySet<string>;
  /** JSON of `source` in the streams of the enterprise. */
  readonly adminSource: () => string;
  readonly accessibleBy?: string;
  /** JSON of `additional_details`. */
  readonly details?: string;
}

export interface LoggedEvent extends NewEvent {
  readonly sequence: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface EventPage {
  readonly events: readonly LoggedEvent[];
  /** Sequence number that the next page begins after. */
  readonly next: number;
}

type Waiter = (event: LoggedEvent) => void;

/** Position of the first event. Beyond 2^53, and in steps that a double cannot hold. */
const firstPosition = 30_401_068_076_164_269n;
const positionStep = 37n;

/** Everything that happened since the start, bounded by `settings.events.memory`. */
export class EventLog {
  readonly #settings: Settings;
  readonly #now: () => number;
  readonly #events: LoggedEvent[] = [];
  readonly #waiters = new Set<Waiter>();
  #sequence = 0;
  #forgotten = 0;

  constructor(settings: Settings, now: () => number) {
    this.#settings = settings;
    this.#now = now;
  }

  append(event: NewEvent): void {
    this.#sequence += 1;
    const logged = { ...event, sequence: this.#sequence, at: this.#now() };
    this.#events.push(logged);
    const { memory } = this.#settings.events;
    if (this.#events.length > memory * 1.1) this.forget(this.#sequence - memory);
    for (const waiter of this.#waiters) waiter(logged);
  }

  /** Sequence number of the latest event. */
  get latest(): number {
    return this.#sequence;
  }

  /** Events up to this sequence number are no longer there. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** Drops the events up to a sequence number (default: all), as a stream does that has been waited for too long. */
  forget(upTo = this.#sequence): void {
    const first = this.#events.findIndex(({ sequence }) => sequence > upTo);
    this.#events.splice(0, first < 0 ? this.#events.length : first);
    this.#forgotten = Math.max(this.#forgotten, upTo);
  }

  /** Events after a sequence number that a stream shows. */
  read(after: number, limit: number, shows: (event: LoggedEvent) => boolean): EventPage {
    const visibleUntil = this.#now() - this.#settings.events.delayMs;
    const events: LoggedEvent[] = [];
    let next = after;
    // Numbers have no gaps: only the oldest events are ever dropped.
    const from = Math.max(0, after + 1 - (this.#events[0]?.sequence ?? 0));
    for (let index = from; index < this.#events.length; index += 1) {
      const event = this.#events[index];
      if (!event || event.at > visibleUntil || events.length >= limit) break;
      next = event.sequence;
      if (shows(event)) events.push(event);
    }
    return { events, next };
  }

  /** The last events up to a sequence number that a stream shows, oldest first. */
  before(upTo: number, count: number, shows: (event: LoggedEvent) => boolean): LoggedEvent[] {
    if (count === 0) return [];
    return this.#events.filter((event) => event.sequence <= upTo && shows(event)).slice(-count);
  }

  /** Calls back for each new event until the returned function is called. */
  watch(waiter: Waiter): () => void {
    this.#waiters.add(waiter);
    return () => this.#waiters.delete(waiter);
  }
}

/** The stream position behind an event, as text. */
export function positionOf(sequence: number): string {
  return String(firstPosition + BigInt(sequence) * positionStep);
}

/** The event that a position stands behind, or `undefined` if it is none of ours. `0` is the beginning. */
export function sequenceOf(position: string): number | undefined {
  if (position === '0') return 0;
  if (!/^\d{1,19}$/.test(position)) return undefined;
  const distance = BigInt(position) - firstPosition;
  return distance >= 0n && distance % positionStep === 0n ? Number(distance / positionStep) : undefined;
}

/** An event as a user's stream shows it, as JSON. */
export function userEventJson(event: LoggedEvent, viewer: string, person: (id: string) => string): string {
  const date = enterpriseDate(event.at);
  return (
    `{"type":"event","event_id":"${hashOf(event)}","event_type":"${event.userType ?? ''}","created_at":"${date}",` +
    `"recorded_at":"${enterpriseDate(event.at + 1000)}","session_id":null,"created_by":${person(event.actor)},` +
    `"source":${event.viewers.get(viewer) ?? 'null'}}`
  );
}

/** An event as the streams of the enterprise show it, as JSON. */
export function adminEventJson(event: LoggedEvent, person: (id: string) => string): string {
  const hash = hashOf(event);
  const uuid = [hash.slice(0, 8), hash.slice(8, 12), hash.slice(12, 16), hash.slice(16, 20), hash.slice(20, 32)].join(
    '-',
  );
  return (
    `{"type":"event","event_id":"${uuid}","event_type":"${event.adminType ?? ''}",` +
    `"created_at":"${enterpriseDate(event.at)}","created_by":${person(event.actor)},"action_by":null,` +
    `"ip_address":"81.2.69.144","session_id":null,"accessible_by":${event.accessibleBy ?? 'null'},` +
    `"source":${event.adminSource()},"additional_details":${event.details ?? '{}'}}`
  );
}

function hashOf({ sequence, at }: LoggedEvent): string {
  return createHash('sha1').update(`${sequence}/${at}`).digest('hex');
}
