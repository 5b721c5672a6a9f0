import type { Outcome } from './outcome.js';

/**
 * A value on its way through the pipeline, together with the duty to end it.
 *
 * Whoever ends an item (a filter that drops it, the settle stage behind the sink) calls `settle` with the outcome;
 * that gives back the item's place in the ledger and lets the cursor move. Every envelope is settled exactly once:
 * a second call throws, since it would free room that is not free.
 */
export class Envelope<T> {
  readonly value: T;
  readonly #duty: Duty;

  private constructor(value: T, duty: Duty) {
    this.value = value;
    this.#duty = duty;
  }

  static of<T>(value: T, settle: (outcome: Outcome) => void, { weight = 0, begin }: EnvelopeOptions = {}): Envelope<T> {
    return new Envelope(value, { settle, weight, begin, outcome: undefined, afterwards: undefined, stage: 'source' });
  }

  /** Bytes of memory that are held for it, without its content. */
  get weight(): number {
    return this.#duty.weight;
  }

  /** It enters the pipeline; `isWeighed`: its weight was taken from the gate for documents. */
  begin(isWeighed = false): void {
    const { begin } = this.#duty;
    this.#duty.begin = undefined;
    begin?.(isWeighed);
  }

  /** The stage that has it, as far as the stages say so. */
  get stage(): string {
    return this.#duty.stage;
  }

  get isSettled(): boolean {
    return this.#duty.outcome !== undefined;
  }

  /** Notes that a stage has it now: a run that stands still can then say where. */
  reached(stage: string): void {
    this.#duty.stage = stage;
  }

  /** The same item, further along: it shares the duty to settle. */
  with<U>(value: U): Envelope<U> {
    return new Envelope(value, this.#duty);
  }

  settle(outcome: Outcome): void {
    const duty = this.#duty;
    if (duty.outcome !== undefined) {
      throw new Error(
        `Cannot settle an item as "${outcome.kind}": it is already settled as "${duty.outcome.kind}", expected exactly one outcome. It was last in the stage "${duty.stage}"`,
      );
    }
    this.begin();
    duty.outcome = outcome;
    duty.settle(outcome);
    duty.afterwards?.();
  }

  /** Has `callback` called once the item is settled: what is held for it (bytes) is given back with its outcome. */
  whenSettled(callback: () => void): void {
    const before = this.#duty.afterwards;
    this.#duty.afterwards = () => {
      before?.();
      callback();
    };
  }
}

export interface EnvelopeOptions {
  readonly weight?: number;
  /** Called once, when it enters the pipeline; at the latest, when it is settled. */
  readonly begin?: (isWeighed: boolean) => void;
}

interface Duty {
  readonly settle: (outcome: Outcome) => void;
  readonly weight: number;
  begin: ((isWeighed: boolean) => void) | undefined;
  outcome: Outcome | undefined;
  stage: string;
  afterwards: (() => void) | undefined;
}
