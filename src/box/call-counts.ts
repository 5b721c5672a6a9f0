import type { BoxRoute, HttpRequest, RepeatReason } from './http-client.js';
import { routeTemplate } from './route-template.js';

const noCalls: Readonly<Record<BoxRoute, number>> = {
  token: 0,
  folders: 0,
  content: 0,
  users: 0,
  items: 0,
  events: 0,
  proofs: 0,
  download: 0,
};

const noRepeats: Readonly<Record<RepeatReason, number>> = {
  'not-ready': 0,
  'token-renewed': 0,
  'rate-limited': 0,
  'server-error': 0,
  network: 0,
  'url-expired': 0,
};

/** How a request ended: the status of the answer, or why there is none. */
export type CallEnd = number | 'no-answer' | 'aborted';

/** Requests sent to Box: `calls` each once, by what they were for; `repeats` of them apart, by why. */
export class CallCounts {
  readonly calls: Record<BoxRoute, number> = { ...noCalls };
  readonly repeats: Record<RepeatReason, number> = { ...noRepeats };
  /** Calls that the rate budget made wait, and how long in all. */
  readonly rateWaits = { calls: 0, ms: 0 };
  /** How the requests ended, repeats included: by route template, then by status. Few of either, whatever Box holds. */
  readonly ends = new Map<string, Map<CallEnd, number>>();

  /** Calls that count for Box, repeats included: all but those for tokens and the downloads behind a redirect. */
  get api(): number {
    return sum(this.calls) - this.calls.token - this.calls.download + sum(this.repeats);
  }

  sent({ route, repeat }: HttpRequest): void {
    if (repeat === undefined) this.calls[route] += 1;
    else this.repeats[repeat] += 1;
  }

  ended(request: HttpRequest, end: CallEnd): void {
    const route = routeTemplate(request);
    let ends = this.ends.get(route);
    if (ends === undefined) {
      ends = new Map();
      this.ends.set(route, ends);
    }
    ends.set(end, (ends.get(end) ?? 0) + 1);
  }

  waited(ms: number): void {
    this.rateWaits.calls += 1;
    this.rateWaits.ms += ms;
  }
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
