import type { Clock } from '../../src/core/clock.js';

/** Time that jumps: every wait is over in the next turn of the event loop, and the clock has moved on by it. */
export class HastyClock implements Clock {
  #now: number;

  constructor(now = Date.parse('2026-03-01T12:00:00Z')) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const until = this.#now + ms;
    const immediate = setImmediate(() => {
      this.#now = Math.max(this.#now, until);
      run();
    });
    return () => clearImmediate(immediate);
  }
}
