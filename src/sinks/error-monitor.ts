/** Thresholds, Elastic's defaults; a run fails *above* them. */
export interface ErrorMonitorOptions {
  /** Refused documents one after the other. */
  readonly maxConsecutive: number;
  /** Refused documents of the run. */
  readonly maxTotal: number;
  /** Share of refused documents among the last `window`, which counts as good before it is filled. */
  readonly maxRate: number;
  readonly window: number;
  /**
   * Whether documents are of many people. One person whose documents alone are refused then ends no run, even if
   * nobody else's are written at all. Default false: it is so once documents of a second owner have come.
   */
  readonly hasManyOwners?: boolean;
}

export const defaultErrorMonitor: ErrorMonitorOptions = {
  maxConsecutive: 10,
  maxTotal: 1_000,
  maxRate: 0.15,
  window: 100,
};

/** Of an owner's operations, about how many are looked at. */
const recent = 20;

/** Windows in which an owner must have had an operation to count. */
const late = 5;

/** How many of the last errors are shown. */
const shown = 5;

/**
 * Tells single bad documents, which go to the dead letters, from a run that goes wrong wholesale (a wrong mapping, a
 * broken pipeline), which has to end. Counts how each operation ended, in all and for each owner.
 *
 * Too many refusals in all end the run, unless they are the doing of one, or of few: while there are at least as many
 * owners whose documents pass as owners whose documents do not, nobody decides for the others. A wrong mapping refuses
 * everybody's. Only owners of late count (the last five windows), and of each what was last, so that something that
 * breaks in the middle of a long run is seen. What has no owner counts as one of its own.
 *
 * Holds `window` booleans, five messages, and three numbers for each owner of late.
 */
export class ErrorMonitor {
  readonly #options: ErrorMonitorOptions;
  readonly #last: string[] = [];
  readonly #failed: boolean[];
  /** Of late; who was last comes last. */
  readonly #owners = new Map<string | undefined, Share>();
  /** How many of them have too many refused. */
  #badOwners = 0;
  #hasManyOwners: boolean;
  #operations = 0;
  #next = 0;
  #inWindow = 0;
  #consecutive = 0;
  #total = 0;

  constructor(options: ErrorMonitorOptions) {
    this.#options = options;
    this.#hasManyOwners = options.hasManyOwners ?? false;
    this.#failed = new Array<boolean>(options.window).fill(false);
  }

  succeeded(owner?: string): void {
    this.#consecutive = 0;
    this.#slide(false);
    this.#count(owner, false);
  }

  /** Notes a refused operation. Returns what is wrong as soon as it is too much, else `undefined`. */
  failed(reason: string, owner?: string): string | undefined {
    this.#consecutive += 1;
    this.#total += 1;
    this.#slide(true);
    this.#count(owner, true);
    this.#last.push(reason);
    if (this.#last.length > shown) this.#last.shift();
    const exceeded = this.#exceeded();
    if (exceeded === undefined || this.#isOfFew(owner)) return undefined;
    return `${exceeded}. The last errors:\n${this.#last.map((error) => `- ${error}`).join('\n')}`;
  }

  #isOfFew(owner: string | undefined): boolean {
    if (this.#badOwners * 2 <= this.#owners.size) return true;
    return this.#hasManyOwners && this.#owners.size === 1 && owner !== undefined;
  }

  #count(owner: string | undefined, isRefused: boolean): void {
    this.#operations += 1;
    const before = this.#owners.get(owner);
    const share = before ?? { refused: 0, passed: 0, lastAt: 0 };
    this.#badOwners -= Number(this.#isBad(share));
    if (share.refused + share.passed >= recent) {
      share.refused /= 2;
      share.passed /= 2;
    }
    if (isRefused) share.refused += 1;
    else share.passed += 1;
    share.lastAt = this.#operations;
    if (before !== undefined) this.#owners.delete(owner);
    this.#owners.set(owner, share);
    this.#badOwners += Number(this.#isBad(share));
    if (this.#owners.size > 1) this.#hasManyOwners = true;
    for (const [other, { lastAt }] of this.#owners) {
      if (lastAt > this.#operations - late * this.#options.window) break;
      this.#forget(other);
    }
  }

  #forget(owner: string | undefined): void {
    const share = this.#owners.get(owner);
    if (share !== undefined) this.#badOwners -= Number(this.#isBad(share));
    this.#owners.delete(owner);
  }

  #isBad({ refused, passed }: Share): boolean {
    return refused > Math.min(this.#options.maxRate, 0.5) * (refused + passed);
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

/** Of one owner's documents. */
interface Share {
  refused: number;
  passed: number;
  /** The number of its last operation. */
  lastAt: number;
}
