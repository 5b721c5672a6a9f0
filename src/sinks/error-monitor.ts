/** Thresholds, Elastic's defaults; a run fails *above* them. */
export interface ErrorMonitorOptions {
  /** Refused documents one after the other. */
  readonly maxConsecutive: number;
  /** Refused documents of the run. */
  readonly maxTotal: number;
  /** Share of refused documents among the last `window`, which counts as good before it is filled. */
  readonly maxRate: number;
  readonly window: number;
}

export const defaultErrorMonitor: ErrorMonitorOptions = {
  maxConsecutive: 10,
  maxTotal: 1_000,
  maxRate: 0.15,
  window: 100,
};

/** How many of the last errors are shown. */
const shown = 5;

/**
 * Tells single bad documents, which go to the dead letters, from a run that goes wrong wholesale (a wrong mapping, a
 * broken pipeline), which has to end. Counts how each operation ended; knows nothing else. Holds `window` booleans and
 * five messages.
 */
export class ErrorMonitor {
  readonly #options: ErrorMonitorOptions;
  readonly #last: string[] = [];
  readonly #failed: boolean[];
  #next = 0;
  #inWindow = 0;
  #consecutive = 0;
  #total = 0;

  constructor(options: ErrorMonitorOptions) {
    this.#options = options;
    this.#failed = new Array<boolean>(options.window).fill(false);
  }

  succeeded(): void {
    this.#consecutive = 0;
    this.#slide(false);
  }

  /** Notes a refused operation. Returns what is wrong as soon as it is too much, else `undefined`. */
  failed(reason: string): string | undefined {
    this.#consecutive += 1;
    this.#total += 1;
    this.#slide(true);
    this.#last.push(reason);
    if (this.#last.length > shown) this.#last.shift();
    const exceeded = this.#exceeded();
    if (exceeded === undefined) return undefined;
    return `${exceeded}. The last errors:\n${this.#last.map((error) => `- ${error}`).join('\n')}`;
  }

  #exceeded(): string | undefined {
    const { maxConsecutive, maxTotal, maxRate, window } = this.#options;
    if (this.#consecutive > maxConsecutive) {
      return `${this.#consecutive} operations in a row were refused, expected at most ${maxConsecutive}`;
    }
    if (this.#total > maxTotal) return `${this.#total} operations were refused, expected at most ${maxTotal}`;
    if (this.#inWindow > maxRate * window) {
      return `${this.#inWindow} of the last ${window} operations were refused, expected at most ${Math.floor(maxRate * window)}`;
    }
    return undefined;
  }

  #slide(failed: boolean): void {
    const slot = this.#next;
    if (this.#failed[slot] === true) this.#inWindow -= 1;
    if (failed) this.#inWindow += 1;
    this.#failed[slot] = failed;
    this.#next = (slot + 1) % this.#options.window;
  }
}
