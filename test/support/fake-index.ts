import { type Observable, type OperatorFunction, concatMap, from, lastValueFrom, mergeMap } from 'rxjs';
import type { Envelope } from '../../src/core/envelope.js';
import type { Outcome } from '../../src/core/outcome.js';
import type { Settled } from '../../src/core/settled.js';
import type { Operation } from '../../src/sinks/operation.js';

export interface FakeDocument {
  readonly source: Readonly<Record<string, unknown>>;
  readonly content: string;
}

/** An index in memory, with a sink in front of it. */
export class FakeIndex {
  readonly documents = new Map<string, FakeDocument>();
  /** Operations in the order in which they were carried out. */
  readonly operations: Operation[] = [];
  /** Turns of the event loop that a batch takes. */
  latency: () => number = () => 0;
  /** Why an operation is refused; `undefined`: it is carried out. */
  refuses: (operation: Operation) => string | undefined = () => undefined;
  /** Batches under way at once. */
  concurrency = 2;

  readonly sink: OperatorFunction<readonly Envelope<Operation>[], Settled> = (batches) =>
    batches.pipe(
      mergeMap((batch) => from(this.#write(batch)), this.concurrency),
      concatMap((settled) => settled),
    );

  /** `index 12`, `update 12`, `delete 12`: what was done, without what was refused. */
  log(): string[] {
    return this.operations.map(({ kind, id }) => `${kind} ${id}`);
  }

  field(id: string, name: string): unknown {
    return this.documents.get(id)?.source[name];
  }

  async #write(batch: readonly Envelope<Operation>[]): Promise<Settled[]> {
    for (let turn = this.latency(); turn > 0; turn -= 1) await new Promise((resolve) => setImmediate(resolve));
    const settled: Settled[] = [];
    for (const envelope of batch) settled.push({ envelope, outcome: await this.#apply(envelope.value) });
    return settled;
  }

  async #apply(operation: Operation): Promise<Outcome> {
    const reason = this.refuses(operation);
    if (reason !== undefined) return { kind: 'rejected', reason };
    if (operation.kind === 'update' && !this.documents.has(operation.id)) {
      return this.#apply(await lastValueFrom(operation.whole as Observable<Operation>));
    }
    this.operations.push(operation);
    if (operation.kind === 'delete') {
      this.documents.delete(operation.id);
      return { kind: 'deleted' };
    }
    const source = JSON.parse(operation.source) as Record<string, unknown>;
    const content = operation.kind === 'index' ? operation.content : (this.documents.get(operation.id)?.content ?? '');
    this.documents.set(operation.id, { source, content });
    const { version, withoutContent } = operation;
    return { kind: 'written', version, ...(withoutContent === undefined ? {} : { withoutContent }) };
  }
}
