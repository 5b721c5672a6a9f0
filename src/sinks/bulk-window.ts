/** A latency is only looked at above this: below, it is noise. Milliseconds. */
const slowFromMs = 2_000;
/** How many times the usual latency is slow. */
const slowFactor = 3;
/** Weight of the newest latency in the usual one. */
const smoothing = 0.2;

/**
 * How many bulk requests may be under way: additive increase, multiplicative decrease.
 *
 * Starts at 2. After as many good answers in a row as the limit is wide, one more, up to `max`. An answer that says
 * "busy" (429) halves it, at most once per round of requests, since those under way were sent under the old limit;
 * an answer three times slower than usual (and over 2 s) takes one off; an outage leaves one, which then probes.
 */
export class BulkWindow {
  readonly max: number;
  #limit: number;
  /** Good answers since the limit last changed. */
  #good = 0;
  /** Answers to requests that were under way when the limit was halved. */
  #ignored = 0;
  #usualMs: number | undefined;

  constructor(max: number) {
    if (!Number.isInteger(max) || max < 1) {
      throw new RangeError(`Cannot send ${max} bulk requests at once: expected a whole number of at least 1`);
    }
    this.max = max;
    this.#limit = Math.min(2, max);
  }

  get limit(): number {
    return this.#limit;
  }

  succeeded(latencyMs: number): void {
    this.#ignored = Math.max(0, this.#ignored - 1);
    const usualMs = this.#usualMs ?? latencyMs;
    this.#usualMs = usualMs + smoothing * (latencyMs - usualMs);
    if (latencyMs > slowFromMs && latencyMs > slowFactor * usualMs) {
      this.#change(this.#limit - 1);
      return;
    }
    this.#good += 1;
    if (this.#good >= this.#limit) this.#change(this.#limit + 1);
  }

  /** `active`: requests still under way. */
  busy(active: number): void {
    if (this.#ignored > 0) {
      this.#ignored -= 1;
      return;
    }
    this.#ignored = active;
    this.#change(Math.floor(this.#limit / 2));
  }

  outage(): void {
    this.#ignored = 0;
    this.#change(1);
  }

  #change(limit: number): void {
    this.#limit = Math.min(this.max, Math.max(1, limit));
    this.#good = 0;
  }
}
