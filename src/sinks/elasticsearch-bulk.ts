import {
  Observable,
  type OperatorFunction,
  type SchedulerLike,
  type Subscriber,
  Subscription,
  asyncScheduler,
} from 'rxjs';
import type { Envelope } from '../core/envelope.js';
import { AuthError, PermanentError, TransientError } from '../core/errors.js';
import type { Outcome } from '../core/outcome.js';
import type { Settled } from '../core/settled.js';
import type { BulkAnswer, BulkClient, BulkItemAnswer } from './bulk-client.js';
import { bulkLines } from './bulk-lines.js';
import { BulkWindow } from './bulk-window.js';
import { type BulkTarget, classifyBulkItem } from './classify-bulk-item.js';
import { ErrorMonitor, type ErrorMonitorOptions, defaultErrorMonitor } from './error-monitor.js';
import { IdOrder } from './id-order.js';
import type { Operation } from './operation.js';
import { metadataOnly, wholeOf } from './whole-of.js';
import { written } from './written.js';
import { messageOf } from '../core/message-of.js';
import { wrongAnswer } from './wrong-answer.js';

/** Waits grow no longer than this between two tries, unless Elasticsearch asks for more. */
const longestBackoffMs = 30_000;

export interface ElasticsearchBulkDeps {
  readonly client: BulkClient;
  /** From 0 to below 1. */
  readonly random: () => number;
  readonly scheduler?: SchedulerLike;
}

export interface BulkRetry {
  /** Tries of an operation on which Elasticsearch itself fails (5xx), the first included. */
  readonly maxAttempts: number;
  /** How long an operation or a request is tried again while the cluster is busy, blocked or not to be reached. */
  readonly maxElapsedMs: number;
  /** The wait before try n + 1 is a random part of `baseMs * 2^(n-1)`, at most of 30 s. */
  readonly baseMs: number;
}

export interface ElasticsearchBulkOptions {
  readonly index: string;
  /** The run ends if an answer shows that the index is another one by now. */
  readonly indexUuid?: string | undefined;
  /** Whole documents go through the pipeline `name`; `flags` (`pipelineFlags`) are members that it reads. */
  readonly pipeline?: { readonly name: string; readonly flags: string } | null;
  /** Bulk requests at once, at most. Default 4. */
  readonly concurrency?: number;
  /** Bounds of a request that is put together anew from operations to be sent again. Defaults 1,000 and 5 MiB. */
  readonly maxItems?: number;
  readonly maxBytes?: number;
  /** Defaults 5 tries, 120,000 ms, 1,000 ms. */
  readonly retry?: Partial<BulkRetry>;
  /** Above these the run fails; `null`: never. */
  readonly errorMonitor?: ErrorMonitorOptions | null;
}

/**
 * Writes batches of operations with `_bulk` and emits how each has ended, once each, in the order of the answers.
 *
 * **Items.** What the cluster has no room for (429, 503) is sent again by itself, with growing random waits, until
 * `retry.maxElapsedMs` are over; what Elasticsearch fails on (other 5xx) `retry.maxAttempts` times; then it is
 * `rejected`. A partial update whose document is missing is replaced by what its `whole` makes. Other refusals are
 * `rejected` with Elasticsearch's type, reason and field.
 *
 * **Requests.** One that fails as a whole for the moment (429, 5xx, cut, timed out) is repeated as it is: every
 * operation names its id, so whether the lost answer was a success does not matter. Meanwhile nothing else is sent, and
 * a refused sign-in is part of the outage: a node that starts refuses everybody at first. One
 * that is too large (413) or cannot be read (400) is halved; a single document that is too large is written without its
 * content, one that cannot be read is rejected.
 *
 * **Order.** An operation waits while another of its id is under way.
 *
 * **Concurrency** adapts, up to `concurrency`: see `BulkWindow`.
 *
 * **Errors** (all end the run; nothing is deleted or lost, the next run goes on): sign-in or privileges refused, index
 * gone or closed, pipeline missing, cluster not to be reached or index blocked for longer than `retry.maxElapsedMs`,
 * too many refusals (`errorMonitor`).
 *
 * **Holds** every operation that upstream lets through, which the ledger bounds to its rows, and the bodies of the
 * requests under way: `concurrency` times the size of a batch. Unsubscribing aborts them.
 */
export function elasticsearchBulk(
  deps: ElasticsearchBulkDeps,
  options: ElasticsearchBulkOptions,
): OperatorFunction<readonly Envelope<Operation>[], Settled> {
  return (source) =>
    new Observable((subscriber) => {
      const run = new BulkRun(deps, options, subscriber);
      run.teardown.add(
        source.subscribe({
          next: (batch) => run.accept(batch),
          error: (error: unknown) => subscriber.error(error),
          complete: () => run.complete(),
        }),
      );
      return run.teardown;
    });
}

/** An operation on its way. */
interface Item {
  readonly envelope: Envelope<Operation>;
  /** Replaced where another has to be written in its place. */
  operation: Operation;
  /** Answers that asked to try again. */
  tries: number;
  /** When the first of them came. */
  refusedAt: number;
}

/** Items that make one request, with the request's own failures. */
interface Group {
  readonly items: readonly Item[];
  tries: number;
  failedAt: number;
}

/** The state of one subscription. */
class BulkRun {
  readonly teardown = new Subscription();
  readonly #client: BulkClient;
  readonly #random: () => number;
  readonly #scheduler: SchedulerLike;
  readonly #subscriber: Subscriber<Settled>;
  readonly #target: BulkTarget;
  readonly #flags: string;
  readonly #maxItems: number;
  readonly #maxBytes: number;
  readonly #retry: BulkRetry;
  readonly #window: BulkWindow;
  readonly #monitor: ErrorMonitor | undefined;
  readonly #order = new IdOrder<Item>();
  /** Requests to send as they are: batches from upstream, repeated ones first. */
  #groups: Group[] = [];
  /** Items to send (again), in whatever request has room. */
  #again: Item[] = [];
  /** Updates whose document is missing, and how many of them are being replaced. */
  readonly #missing: { item: Item; whole: Observable<Operation> }[] = [];
  #replacing = 0;
  /** Requests under way. */
  #active = 0;
  /** Items accepted and not ended. */
  #outstanding = 0;
  #sourceDone = false;
  /** Whole-request failures in a row, and whether nothing is sent for a while because of them. */
  #outages = 0;
  #paused = false;

  constructor(deps: ElasticsearchBulkDeps, options: ElasticsearchBulkOptions, subscriber: Subscriber<Settled>) {
    const {
      index,
      indexUuid,
      pipeline = null,
      concurrency = 4,
      maxItems = 1_000,
      maxBytes = 5 * 1024 * 1024,
    } = options;
    const { errorMonitor = defaultErrorMonitor, retry = {} } = options;
    this.#client = deps.client;
    this.#random = deps.random;
    this.#scheduler = deps.scheduler ?? asyncScheduler;
    this.#subscriber = subscriber;
    this.#target = { index, indexUuid, pipeline: pipeline?.name ?? null };
    this.#flags = pipeline?.flags ?? '';
    this.#maxItems = maxItems;
    this.#maxBytes = maxBytes;
    this.#retry = { maxAttempts: 5, maxElapsedMs: 120_000, baseMs: 1_000, ...retry };
    this.#window = new BulkWindow(concurrency);
    this.#monitor = errorMonitor === null ? undefined : new ErrorMonitor(errorMonitor);
  }

  accept(batch: readonly Envelope<Operation>[]): void {
    const items: Item[] = [];
    for (const envelope of batch) {
      const item: Item = { envelope, operation: envelope.value, tries: 0, refusedAt: 0 };
      if (this.#order.enter(item.operation.id, item)) items.push(item);
    }
    this.#outstanding += batch.length;
    if (items.length > 0) this.#groups.push({ items, tries: 0, failedAt: 0 });
    this.#pump();
  }

  complete(): void {
    this.#sourceDone = true;
    this.#completeIfDone();
  }

  #completeIfDone(): void {
    if (this.#sourceDone && this.#outstanding === 0) this.#subscriber.complete();
  }

  /** Starts what may be started. */
  #pump(): void {
    while (this.#active < this.#window.limit && !this.#paused) {
      if (this.#subscriber.closed) return;
      const group = this.#next();
      if (group === undefined) break;
      this.#send(group);
    }
    while (this.#replacing < this.#window.max && !this.#subscriber.closed) {
      const missing = this.#missing.shift();
      if (missing === undefined) break;
      this.#replace(missing.item, missing.whole);
    }
  }

  /** What has been refused before goes first, so that nothing waits for ever. */
  #next(): Group | undefined {
    if (this.#again.length === 0) return this.#groups.shift();
    let bytes = 0;
    let count = 0;
    for (const { operation } of this.#again) {
      bytes += operation.kind === 'delete' ? 50 : operation.source.length + contentLength(operation);
      if (count > 0 && (count >= this.#maxItems || bytes > this.#maxBytes)) break;
      count += 1;
    }
    const items = this.#again.slice(0, count);
    this.#again = this.#again.slice(count);
    return { items, tries: 0, failedAt: 0 };
  }

  #send(group: Group): void {
    this.#active += 1;
    const startedAt = this.#scheduler.now();
    let body = '';
    const options = { flags: this.#flags };
    for (const { operation } of group.items) body += bulkLines(operation, options);
    const { index, pipeline } = this.#target;
    const subscription = new Subscription();
    this.teardown.add(subscription);
    const ended = () => {
      this.#active -= 1;
      this.teardown.remove(subscription);
    };
    subscription.add(
      this.#client.bulk({ index, pipeline, body }).subscribe({
        next: (answer) => {
          ended();
          this.#answered(group, answer, startedAt);
          this.#pump();
        },
        error: (error: unknown) => {
          ended();
          this.#failed(group, error);
          this.#pump();
        },
      }),
    );
  }

  #answered(group: Group, answer: BulkAnswer, startedAt: number): void {
    const { items } = group;
    const problem = mismatch(items, answer);
    if (problem !== undefined) {
      this.#failed(group, wrongAnswer(`write to the index "${this.#target.index}"`, answer, problem));
      return;
    }
    this.#outages = 0;
    const again = new Map<number, Item[]>();
    let busy = false;
    for (const [position, item] of items.entries()) {
      if (this.#subscriber.closed) return;
      const said = answer.items[position]?.[item.operation.kind];
      if (said === undefined) continue;
      if (said.status < 300) this.#end(item, written(item.operation));
      else if (this.#refused(item, said, again)) busy = true;
    }
    if (busy) this.#window.busy(this.#active);
    else this.#window.succeeded(this.#scheduler.now() - startedAt);
    for (const [tries, waiting] of again) {
      this.#after(this.#backoff(tries), () => {
        this.#again.push(...waiting);
      });
    }
  }

  /** Decides about an item that was not written at once. True if that is because the cluster is busy. */
  #refused(item: Item, said: BulkItemAnswer, again: Map<number, Item[]>): boolean {
    const { operation } = item;
    const verdict = classifyBulkItem(operation.kind, said, this.#target);
    switch (verdict.kind) {
      case 'done':
        this.#end(item, written(operation));
        return false;
      case 'unchanged':
        this.#end(item, unchanged(operation));
        return false;
      case 'missing':
        if (operation.kind === 'update') this.#missing.push({ item, whole: wholeOf(operation) });
        return false;
      case 'rejected':
        this.#reject(item, verdict.reason);
        return false;
      case 'failure':
        this.#subscriber.error(verdict.error);
        return false;
      case 'broken':
        if (!this.#tryAgain(item, again, item.tries + 1 < this.#retry.maxAttempts)) this.#giveUp(item, verdict.reason);
        return false;
      case 'busy':
        if (!this.#tryAgain(item, again, true)) this.#giveUp(item, verdict.reason);
        return true;
      case 'blocked':
        if (!this.#tryAgain(item, again, true)) this.#subscriber.error(this.#blocked(verdict.reason));
        return true;
      default:
        return verdict satisfies never;
    }
  }

  /** False if the item was tried too often or for too long. */
  #tryAgain(item: Item, again: Map<number, Item[]>, mayBe: boolean): boolean {
    const now = this.#scheduler.now();
    if (item.tries === 0) item.refusedAt = now;
    if (!mayBe || (item.tries > 0 && now - item.refusedAt >= this.#retry.maxElapsedMs)) return false;
    item.tries += 1;
    const sameTries = again.get(item.tries);
    if (sameTries === undefined) again.set(item.tries, [item]);
    else sameTries.push(item);
    return true;
  }

  #failed(group: Group, error: unknown): void {
    const { items } = group;
    const status = error instanceof PermanentError ? error.status : undefined;
    if (status === 413 || status === 400) {
      this.#split(items, status, error);
      return;
    }
    // A node that has just started knows no key and no user until its own index of them is there.
    const isStarting = error instanceof AuthError && this.#outages > 0;
    if (!(error instanceof TransientError) && !isStarting) {
      this.#subscriber.error(error);
      return;
    }
    const now = this.#scheduler.now();
    if (group.tries === 0) group.failedAt = now;
    group.tries += 1;
    const elapsedMs = now - group.failedAt;
    if (elapsedMs >= this.#retry.maxElapsedMs) {
      if (!(error instanceof TransientError)) {
        this.#subscriber.error(error);
        return;
      }
      const tried = `tried ${group.tries} times in ${Math.round(elapsedMs / 1_000)} s after the first failure`;
      this.#subscriber.error(new TransientError(`${error.message} (${tried})`, { cause: error, status: error.status }));
      return;
    }
    this.#groups.unshift(group);
    this.#window.outage();
    // Those that were under way when the outage began fail with it: that is one outage, not several.
    if (this.#paused) return;
    this.#paused = true;
    this.#outages += 1;
    const retryAfterMs = error instanceof TransientError ? (error.retryAfterMs ?? 0) : 0;
    this.#after(Math.max(this.#backoff(this.#outages), retryAfterMs), () => {
      this.#paused = false;
    });
  }

  /** Too large or unreadable as a whole: halves tell which document it is. */
  #split(items: readonly Item[], status: number, error: unknown): void {
    const [first] = items;
    if (first === undefined) return;
    if (items.length > 1) {
      const half = items.length >> 1;
      const halves = [items.slice(0, half), items.slice(half)];
      this.#groups.unshift(...halves.map((part): Group => ({ items: part, tries: 0, failedAt: 0 })));
      return;
    }
    const { operation } = first;
    if (status === 413 && operation.kind === 'index' && operation.content !== '') {
      first.operation = metadataOnly(operation, 'the document is larger than Elasticsearch accepts (413)');
      this.#again.push(first);
      return;
    }
    this.#reject(first, messageOf(error));
  }

  /** Writes the whole document in place of an update whose document is missing. */
  #replace(item: Item, whole: Observable<Operation>): void {
    this.#replacing += 1;
    const subscription = new Subscription();
    this.teardown.add(subscription);
    subscription.add(
      whole.subscribe({
        next: (operation) => {
          item.operation = operation;
        },
        error: (error: unknown) => this.#subscriber.error(error),
        complete: () => {
          this.#replacing -= 1;
          this.teardown.remove(subscription);
          this.#again.push(item);
          this.#pump();
        },
      }),
    );
  }

  #giveUp(item: Item, reason: string): void {
    const seconds = Math.round((this.#scheduler.now() - item.refusedAt) / 1_000);
    this.#reject(item, `${reason} (tried ${item.tries + 1} times in ${seconds} s)`);
  }

  #reject(item: Item, reason: string): void {
    const { kind, id } = item.operation;
    this.#end(item, { kind: 'rejected', reason, operation: kind });
    const tooMuch = this.#monitor?.failed(`${kind} "${id}": ${reason}`);
    if (tooMuch === undefined) return;
    const advice =
      'The documents are in the dead letters with their errors; mend the cause (often a mapping or the pipeline) and start again';
    this.#subscriber.error(new PermanentError(`${this.#cannotWrite()}: ${tooMuch}\n${advice}`));
  }

  #end(item: Item, outcome: Outcome): void {
    this.#outstanding -= 1;
    if (outcome.kind !== 'rejected') this.#monitor?.succeeded();
    const next = this.#order.leave(item.envelope.value.id);
    if (next !== undefined) this.#again.push(next);
    this.#subscriber.next({ envelope: item.envelope, outcome });
    this.#completeIfDone();
  }

  #after(ms: number, work: () => void): void {
    const timer = this.#scheduler.schedule(() => {
      this.teardown.remove(timer);
      work();
      this.#pump();
    }, ms);
    this.teardown.add(timer);
  }

  #backoff(tries: number): number {
    return Math.ceil(this.#random() * Math.min(this.#retry.baseMs * 2 ** (tries - 1), longestBackoffMs));
  }

  #cannotWrite(): string {
    return `Cannot write to the index "${this.#target.index}"`;
  }

  #blocked(reason: string): PermanentError {
    const seconds = Math.round(this.#retry.maxElapsedMs / 1_000);
    return new PermanentError(
      `${this.#cannotWrite()}: ${reason}, for more than ${seconds} s, expected an index that takes writes. Free disk space on the cluster, or remove the block (index.blocks.*) from the index, and start again`,
      { code: 'cluster_block_exception' },
    );
  }
}

/** Why this cannot be the answer to these, which has one item for each of them, in their order; `undefined`: it can. */
function mismatch(items: readonly Item[], answer: BulkAnswer): string | undefined {
  if (answer.items.length !== items.length) {
    return `it has ${answer.items.length} items, but ${items.length} were sent`;
  }
  for (const [position, { operation }] of items.entries()) {
    const said = answer.items[position]?.[operation.kind];
    const about = `item ${position + 1}, about ${operation.kind} "${operation.id}",`;
    if (said === undefined) {
      return `${about} is of ${Object.keys(answer.items[position] ?? {}).join() || 'nothing'}`;
    }
    if (said._id !== undefined && said._id !== operation.id) {
      return `${about} is of "${said._id}"; an ingest pipeline must not change "_id"`;
    }
  }
  return undefined;
}

function unchanged(operation: Operation): Outcome {
  const outcome = written(operation);
  return outcome.kind === 'written' ? { ...outcome, kind: 'unchanged' } : outcome;
}

function contentLength(operation: Operation): number {
  return operation.kind === 'index' ? operation.content.length : 0;
}
