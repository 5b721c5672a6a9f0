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
import { Fifo } from '../core/fifo.js';
import { messageOf } from '../core/message-of.js';
import { observerOf } from '../core/observer-of.js';
import type { Outcome } from '../core/outcome.js';
import type { Settled } from '../core/settled.js';
import type { BulkAnswer, BulkClient, BulkItemAnswer } from './bulk-client.js';
import { type BulkGroup, type BulkItem, bulkGroup } from './bulk-item.js';
import { bulkLines } from './bulk-lines.js';
import { checkTrialAnswer, trialBody } from './bulk-trial.js';
import { BulkWindow } from './bulk-window.js';
import { type BulkTarget, classifyBulkItem } from './classify-bulk-item.js';
import { Deque } from './deque.js';
import { documentIdProblem } from './document-id-problem.js';
import { ErrorMonitor, type ErrorMonitorOptions, defaultErrorMonitor } from './error-monitor.js';
import { IdOrder } from './id-order.js';
import type { IndexOperation, Operation } from './operation.js';
import { RefusedContents } from './refused-contents.js';
import { sinkFault } from './sink-fault.js';
import { metadataOnly, wholeOf } from './whole-of.js';
import { written } from './written.js';
import { wrongAnswer } from './wrong-answer.js';

/** Failures of the same request while something else passes, until it is taken apart. */
const enoughStrikes = 3;

/** Outages in between, behind each of which a request has its whole time again. */
const mostOutages = 20;

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
 * `retry.maxElapsedMs` are over; what Elasticsearch fails on (other 5xx) `retry.maxAttempts` times. A partial update whose
 * document is missing is replaced by what its `whole` makes. What is refused with its content is sent again without: if
 * that is accepted, it was the content (an ingest pipeline could not read it), and the outcome says so. Everything else
 * is `rejected` with Elasticsearch's type, reason and field.
 *
 * **Requests.** One that fails as a whole for the moment (429, 5xx, cut, timed out) is repeated as it is: every
 * operation names its id, so whether the lost answer was a success does not matter. Meanwhile nothing else is sent, and
 * a refused sign-in is part of the outage: a node that starts refuses everybody at first. If it fails again, a request
 * that changes nothing is sent behind it (`trialBody`). While that fails too it is an outage, which is waited out. When
 * that has passed three times, it is about this request: it is halved, until a document is alone; that goes without its
 * content, or is rejected if it fails six times without as well. One that is too large (413) or cannot be read (400) is
 * halved at once.
 *
 * **Order.** An operation waits while another of its id is under way.
 *
 * **Concurrency** adapts, up to `concurrency`: see `BulkWindow`.
 *
 * **Errors** (all end the run; nothing is deleted or lost, the next run goes on): sign-in or privileges refused, index
 * gone or closed, pipeline missing, cluster not to be reached, full or index blocked for longer than
 * `retry.maxElapsedMs`, too many refusals (`errorMonitor`).
 *
 * **Holds** every operation that upstream lets through, which the ledger bounds to its rows, and the bodies of the
 * requests under way: `concurrency` times the size of a batch. Unsubscribing aborts them. Nothing recurses, however many
 * answers come at once.
 */
export function elasticsearchBulk(
  deps: ElasticsearchBulkDeps,
  options: ElasticsearchBulkOptions,
): OperatorFunction<readonly Envelope<Operation>[], Settled> {
  return (source) =>
    new Observable((subscriber) => {
      const run = new BulkRun(deps, options, subscriber);
      run.teardown.add(
        source.subscribe(
          observerOf<readonly Envelope<Operation>[]>(subscriber, {
            next: (batch) => run.accept(batch),
            complete: () => run.complete(),
          }),
        ),
      );
      return run.teardown;
    });
}

/** A request that is held while another tells whether it is the only one that fails. */
interface Trial {
  readonly group: BulkGroup;
  /** What it failed with. */
  readonly error: Error;
  /** Whether it failed just now, so that something that passes speaks against it. */
  readonly isStrike: boolean;
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
  readonly #order = new IdOrder<BulkItem>();
  /** Requests to send as they are: batches from upstream, repeated ones first. */
  readonly #groups = new Deque<BulkGroup>();
  /** Items to send (again), in whatever request has room. */
  readonly #again = new Deque<BulkItem>();
  /** Requests that fail again and again: what else passes has to be seen. */
  readonly #trials = new Fifo<Trial>();
  /** Updates whose document is missing, and how many of them are being replaced. */
  readonly #missing = new Fifo<{ item: BulkItem; whole: Observable<Operation> }>();
  #replacing = 0;
  readonly #refusedContents = new RefusedContents();
  /** Requests under way. */
  #active = 0;
  /** Items accepted and not ended. */
  #outstanding = 0;
  #sourceDone = false;
  /** The one loop that sends: whoever is called back from within it leaves the rest to it. */
  #pumping = false;
  /** When an item was last accepted. */
  #acceptedAt = Number.NEGATIVE_INFINITY;
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
    this.#guarded(() => {
      const items: BulkItem[] = [];
      const impossible: BulkItem[] = [];
      this.#outstanding += batch.length;
      for (const envelope of batch) {
        const item: BulkItem = { envelope, operation: envelope.value, tries: 0, refusedAt: 0 };
        const { kind, id } = item.operation;
        if (kind !== 'delete' && documentIdProblem(id) !== undefined) impossible.push(item);
        else if (this.#order.enter(id, item)) items.push(item);
      }
      if (items.length > 0) this.#groups.push(bulkGroup(items));
      for (const item of impossible) this.#reject(item, documentIdProblem(item.operation.id) ?? '', false);
    });
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
    if (this.#pumping) return;
    this.#pumping = true;
    this.#guarded(() => {
      while (!this.#subscriber.closed && (this.#sendOne() || this.#replaceOne()));
    });
    this.#pumping = false;
  }

  #sendOne(): boolean {
    if (this.#paused || this.#active >= this.#window.limit) return false;
    const trial = this.#trials.shift();
    if (trial !== undefined) {
      this.#try(trial);
      return true;
    }
    const group = this.#next();
    if (group === undefined) return false;
    this.#send(group);
    return true;
  }

  #replaceOne(): boolean {
    if (this.#replacing >= this.#window.max) return false;
    const missing = this.#missing.shift();
    if (missing === undefined) return false;
    this.#replace(missing.item, missing.whole);
    return true;
  }

  /** What has been refused before goes first, so that nothing waits for ever. */
  #next(): BulkGroup | undefined {
    const items: BulkItem[] = [];
    let bytes = 0;
    for (let item = this.#again.shift(); item !== undefined; item = this.#again.shift()) {
      const { operation } = item;
      bytes += operation.kind === 'delete' ? 50 : operation.source.length + contentLength(operation);
      if (items.length > 0 && (items.length >= this.#maxItems || bytes > this.#maxBytes)) {
        this.#again.unshift(item);
        break;
      }
      items.push(item);
    }
    return items.length > 0 ? bulkGroup(items) : this.#groups.shift();
  }

  #send(group: BulkGroup): void {
    const startedAt = this.#scheduler.now();
    let body = '';
    const options = { flags: this.#flags };
    for (const { operation } of group.items) body += bulkLines(operation, options);
    this.#request(body, this.#target.pipeline, {
      answered: (answer) => this.#answered(group, answer, startedAt),
      failed: (error) => this.#failed(group, error),
    });
  }

  /** Sends what changes nothing: whether it passes tells an outage from a request that alone fails. */
  #try(trial: Trial): void {
    this.#request(trialBody, null, {
      answered: (answer) => {
        try {
          checkTrialAnswer(answer, `write to the index "${this.#target.index}"`);
        } catch (error) {
          this.#outageGoesOn(trial, error);
          return;
        }
        this.#passedBeside(trial);
      },
      failed: (error) => this.#outageGoesOn(trial, error),
    });
  }

  /** One request; exactly one of the two is told of its end. */
  #request(
    body: string,
    pipeline: string | null,
    { answered, failed }: { answered: (answer: BulkAnswer) => void; failed: (error: unknown) => void },
  ): void {
    this.#active += 1;
    const subscription = new Subscription();
    this.teardown.add(subscription);
    let isOver = false;
    const end = (work: () => void) => {
      if (isOver) return;
      isOver = true;
      this.#active -= 1;
      this.teardown.remove(subscription);
      this.#guarded(work);
      this.#pump();
    };
    const { index } = this.#target;
    subscription.add(
      this.#client.bulk({ index, pipeline, body }).subscribe({
        next: (answer) => end(() => answered(answer)),
        error: (error: unknown) => end(() => failed(error)),
        complete: () =>
          end(() => failed(new TransientError(`${this.#cannotWrite()}: the request ended without an answer`))),
      }),
    );
  }

  #answered(group: BulkGroup, answer: BulkAnswer, startedAt: number): void {
    const { items } = group;
    const problem = mismatch(items, answer);
    if (problem !== undefined) {
      this.#failed(group, wrongAnswer(`write to the index "${this.#target.index}"`, answer, problem), true);
      return;
    }
    this.#outages = 0;
    const again = new Map<number, BulkItem[]>();
    let busy = false;
    for (const [position, item] of items.entries()) {
      if (this.#subscriber.closed) return;
      const said = answer.items[position]?.[item.operation.kind];
      if (said === undefined) continue;
      if (said.status < 300) this.#accepted(item, written(item.operation));
      else if (this.#refused(item, said, again)) busy = true;
    }
    if (busy) this.#window.busy(this.#active);
    else this.#window.succeeded(this.#scheduler.now() - startedAt);
    for (const [tries, waiting] of again) {
      this.#after(this.#backoff(tries), () => {
        for (const item of waiting) this.#again.push(item);
      });
    }
  }

  /** Decides about an item that was not written at once. True if that is because the cluster is busy. */
  #refused(item: BulkItem, said: BulkItemAnswer, again: Map<number, BulkItem[]>): boolean {
    const { operation } = item;
    const verdict = classifyBulkItem(operation.kind, said, this.#target);
    switch (verdict.kind) {
      case 'done':
        this.#accepted(item, written(operation));
        return false;
      case 'unchanged':
        this.#accepted(item, unchanged(operation));
        return false;
      case 'missing':
        if (operation.kind === 'update') this.#missing.push({ item, whole: wholeOf(operation) });
        return false;
      case 'rejected':
        if (!this.#withoutContent(item, verdict.reason, true)) this.#reject(item, verdict.reason);
        return false;
      case 'failure':
        this.#subscriber.error(verdict.error);
        return false;
      case 'broken':
        if (!this.#tryAgain(item, again, item.tries + 1 < this.#retry.maxAttempts)) this.#giveUp(item, verdict.reason);
        return false;
      case 'busy':
        if (!this.#tryAgain(item, again, true)) this.#noRoom(item, verdict.reason);
        return true;
      case 'blocked':
        if (!this.#tryAgain(item, again, true)) this.#subscriber.error(this.#blocked(verdict.reason));
        return true;
      default:
        return verdict satisfies never;
    }
  }

  /** False if the item was tried too often or for too long. */
  #tryAgain(item: BulkItem, again: Map<number, BulkItem[]>, mayBe: boolean): boolean {
    const now = this.#scheduler.now();
    if (item.tries === 0) item.refusedAt = now;
    if (!mayBe || (item.tries > 0 && now - item.refusedAt >= this.#retry.maxElapsedMs)) return false;
    item.tries += 1;
    const sameTries = again.get(item.tries);
    if (sameTries === undefined) again.set(item.tries, [item]);
    else sameTries.push(item);
    return true;
  }

  /** `isForAll`: it says nothing about the documents of this request. */
  #failed(group: BulkGroup, error: unknown, isForAll = false): void {
    const status = error instanceof PermanentError ? error.status : undefined;
    if (status === 413 || status === 400) {
      this.#split(group, status, error);
      return;
    }
    // A node that has just started knows no key and no user until its own index of them is there.
    const isStarting = error instanceof AuthError && this.#outages > 0;
    if (!(error instanceof TransientError) && !isStarting) {
      this.#subscriber.error(error);
      return;
    }
    group.failedAt ??= this.#scheduler.now();
    group.tries += 1;
    const askedMs = error instanceof TransientError ? (error.retryAfterMs ?? 0) : 0;
    const leftMs = this.#leftMs(group);
    if (error instanceof TransientError && !isForAll && (group.isSuspect || group.tries > 1 || askedMs > leftMs)) {
      this.#trials.push({ group, error, isStrike: true });
      // As long as Elasticsearch asks for rest, nothing is tried.
      if (askedMs > 0 && askedMs <= leftMs) this.#pause(askedMs);
      return;
    }
    if (leftMs <= 0) {
      this.#subscriber.error(this.#tooLong(group, error));
      return;
    }
    this.#groups.unshift(group);
    this.#pause(askedMs);
  }

  /** What changes nothing fails as well: it is about the cluster, and the request that waited is not to blame. */
  #outageGoesOn({ group }: Trial, error: unknown): void {
    const isStarting = error instanceof AuthError && this.#outages > 0;
    if (!(error instanceof TransientError) && !isStarting) {
      this.#subscriber.error(error);
      return;
    }
    const askedMs = error instanceof TransientError ? (error.retryAfterMs ?? 0) : 0;
    const leftMs = this.#leftMs(group);
    if (leftMs <= 0 || askedMs > leftMs) {
      this.#subscriber.error(this.#tooLong(group, error));
      return;
    }
    // Until it passes, the request itself is not sent: it is much larger.
    this.#trials.push({ group, error, isStrike: false });
    this.#pause(askedMs);
  }

  /** What changes nothing has passed. */
  #passedBeside({ group, error, isStrike }: Trial): void {
    this.#outages = 0;
    if (!isStrike) {
      // It failed in an outage that is over: what comes now counts anew, though not for ever.
      group.tries = 0;
      group.strikes = 0;
      group.outages += 1;
      if (group.outages <= mostOutages) group.failedAt = null;
      this.#groups.unshift(group);
      return;
    }
    group.strikes += 1;
    const [item] = group.items;
    if (item === undefined) return;
    if (group.strikes < this.#enoughStrikes(group)) {
      this.#after(this.#backoff(group.strikes), () => this.#groups.unshift(group));
      return;
    }
    if (group.items.length > 1) {
      this.#halve(group);
      return;
    }
    const reason = `${error.message}, each time that this document was in the request, while others passed`;
    if (!this.#withoutContent(item, reason, false)) this.#reject(item, reason);
  }

  /** A cluster that fails now and then must not cost a document: halving costs nothing, the text a little. */
  #enoughStrikes(group: BulkGroup): number {
    const { items, isSuspect } = group;
    if (this.#leftMs(group) <= 0 || (isSuspect && items.length > 1)) return 1;
    const hasContent = items.some(({ operation }) => contentLength(operation) > 0);
    return items.length > 1 || hasContent ? enoughStrikes : 2 * enoughStrikes;
  }

  #pause(askedMs: number): void {
    this.#window.outage();
    // Those that were under way when the outage began fail with it: that is one outage, not several.
    if (this.#paused) return;
    this.#paused = true;
    this.#outages += 1;
    this.#after(Math.max(this.#backoff(this.#outages), askedMs), () => {
      this.#paused = false;
    });
  }

  /** Of the time that a request may fail. */
  #leftMs({ failedAt }: BulkGroup): number {
    return this.#retry.maxElapsedMs - (failedAt === null ? 0 : this.#scheduler.now() - failedAt);
  }

  #tooLong(group: BulkGroup, error: unknown): unknown {
    if (!(error instanceof TransientError)) return error;
    const seconds = Math.round((this.#retry.maxElapsedMs - this.#leftMs(group)) / 1_000);
    const { message, status, retryAfterMs } = error;
    const asked =
      retryAfterMs === undefined ? '' : `; Elasticsearch asks to wait ${Math.round(retryAfterMs / 1_000)} s`;
    const tried = `tried ${group.tries} times in ${seconds} s after the first failure${asked}`;
    return new TransientError(`${message} (${tried})`, { cause: error, status });
  }

  /** Too large or unreadable as a whole: halves tell which document it is. */
  #split(group: BulkGroup, status: number, error: unknown): void {
    const [item] = group.items;
    if (item === undefined) return;
    if (group.items.length > 1) {
      this.#halve(group);
      return;
    }
    const { operation } = item;
    if (status === 413 && operation.kind === 'index' && operation.content !== '') {
      item.operation = refusedOf(
        operation,
        metadataOnly(operation, 'the document is larger than Elasticsearch accepts (413)'),
      );
      this.#again.push(item);
      return;
    }
    if (status === 400 && this.#withoutContent(item, messageOf(error), true)) return;
    this.#reject(item, messageOf(error));
  }

  #halve(group: BulkGroup): void {
    const { items } = group;
    const half = items.length >> 1;
    for (const part of [items.slice(half), items.slice(0, half)]) this.#groups.unshift(bulkGroup(part, group));
  }

  /**
   * Sends the document again without its content, alone: if that is accepted, it was the content. `isFinal`: the same
   * content would be refused again, so this version of it is done with. False if there is no content to leave out.
   */
  #withoutContent(item: BulkItem, found: string, isFinal: boolean): boolean {
    const { operation } = item;
    if (operation.kind !== 'index' || operation.content === '') return false;
    const reason = `Elasticsearch does not take the content: ${found}`;
    const isDone = this.#refusedContents.refused(isFinal);
    const bare = isDone ? { ...operation, content: '', withoutContent: reason } : metadataOnly(operation, reason);
    item.operation = refusedOf(operation, bare);
    item.tries = 0;
    this.#groups.unshift(bulkGroup([item]));
    return true;
  }

  /** Writes the whole document in place of an update whose document is missing. */
  #replace(item: BulkItem, whole: Observable<Operation>): void {
    this.#replacing += 1;
    const subscription = new Subscription();
    this.teardown.add(subscription);
    subscription.add(
      whole.subscribe(
        observerOf<Operation>(this.#subscriber, {
          next: (operation) => {
            item.operation = operation;
          },
          complete: () => {
            this.#replacing -= 1;
            this.teardown.remove(subscription);
            this.#again.push(item);
            this.#pump();
          },
        }),
      ),
    );
  }

  #giveUp(item: BulkItem, reason: string): void {
    const tried = `${reason} (tried ${item.tries + 1} times in ${this.#secondsSince(item)} s)`;
    if (!this.#withoutContent(item, tried, false)) this.#reject(item, tried);
  }

  /** The cluster has had no room for it all the time: because of this document, unless it has had none for any. */
  #noRoom(item: BulkItem, reason: string): void {
    if (this.#acceptedAt >= item.refusedAt) {
      this.#giveUp(item, reason);
      return;
    }
    const tried = `tried ${item.tries + 1} times in ${this.#secondsSince(item)} s`;
    this.#subscriber.error(
      new TransientError(
        `${this.#cannotWrite()}: ${reason} (${tried}), expected room for some of the documents. Look at the load of the cluster, and start again`,
      ),
    );
  }

  #secondsSince({ refusedAt }: BulkItem): number {
    return Math.round((this.#scheduler.now() - refusedAt) / 1_000);
  }

  #reject(item: BulkItem, reason: string, isInOrder = true): void {
    const { kind, id } = item.operation;
    const owner = ownerOf(item.operation);
    this.#end(item, { kind: 'rejected', reason, operation: kind }, isInOrder);
    const tooMuch = this.#monitor?.failed(`${kind} "${id}": ${reason}`, owner);
    if (tooMuch === undefined) return;
    const advice =
      'The documents are in the dead letters with their errors; mend the cause (often a mapping or the pipeline) and start again';
    this.#subscriber.error(new PermanentError(`${this.#cannotWrite()}: ${tooMuch}\n${advice}`));
  }

  #accepted(item: BulkItem, outcome: Outcome): void {
    const { operation } = item;
    this.#acceptedAt = this.#scheduler.now();
    this.#monitor?.succeeded(ownerOf(operation));
    if (operation.kind === 'index' && operation.content !== '') this.#refusedContents.accepted();
    this.#end(item, outcome, true);
  }

  /** `isInOrder`: the next of its id is waiting for this. */
  #end(item: BulkItem, outcome: Outcome, isInOrder: boolean): void {
    this.#outstanding -= 1;
    const next = isInOrder ? this.#order.leave(item.envelope.value.id) : undefined;
    if (next !== undefined) this.#again.push(next);
    this.#subscriber.next({ envelope: item.envelope, outcome });
    this.#completeIfDone();
  }

  #after(ms: number, work: () => void): void {
    const timer = this.#scheduler.schedule(() => {
      this.teardown.remove(timer);
      this.#guarded(work);
      this.#pump();
    }, ms);
    this.teardown.add(timer);
  }

  /** A fault of ours ends the run: a callback that fails must not leave documents behind that nobody thinks of. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#subscriber.error(sinkFault('elasticsearchBulk', error));
    }
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
function mismatch(items: readonly BulkItem[], answer: BulkAnswer): string | undefined {
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

function ownerOf(operation: Operation): string | undefined {
  return operation.kind === 'delete' ? undefined : operation.owner;
}

/** The document without its content, which says what was refused: whoever counts that does not offer it for ever. */
function refusedOf({ version: { content } }: IndexOperation, bare: IndexOperation): IndexOperation {
  return content === null ? bare : { ...bare, refusedContent: content };
}

function contentLength(operation: Operation): number {
  return operation.kind === 'index' ? operation.content.length : 0;
}
