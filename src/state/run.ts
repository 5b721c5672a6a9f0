import { type Observable, map } from 'rxjs';
import type { BoxItem } from '../box/box-item.js';
import { Budget } from '../core/budget.js';
import { Envelope } from '../core/envelope.js';
import { Ledger } from '../core/ledger.js';
import type { Outcome } from '../core/outcome.js';
import type { RunReport } from '../core/run-report.js';
import { Tally } from '../core/tally.js';
import { type ItemKey, type KnownItem, itemKey } from './catalogue.js';
import type { DeadLetter } from './dead-letters.js';
import type { Frontier, FrontierFolder, NewFolder } from './frontier.js';
import type { RunKind } from './runs.js';
import type { Store } from './store.js';

/** How many endings are gathered before they are written to the state in one transaction. */
const flushAt = 1_000;

export interface RunOptions {
  readonly id: number;
  readonly kind: RunKind;
  /** Everything is done again, whatever the catalogue says. */
  readonly rewrite: boolean;
  /** Limit of entries listed and not settled. */
  readonly rows: number;
  /** Limit of bytes downloaded and not given back. */
  readonly bytes: number;
  /** Fingerprint of the sync rules of this run. */
  readonly rules: string;
  /** Counts of the same run before it was stopped. */
  readonly before: RunReport | null;
  readonly now: () => number;
}

/** What an item needs to be remembered by. */
export interface Sighting {
  readonly item: BoxItem;
  readonly documentId: string;
  readonly path: string;
  readonly parent: string;
  readonly seenAs: string | null;
  readonly known: KnownItem | undefined;
}

/** One listed page: settled when all that came of it is. */
export class ListedPage {
  readonly folder: FrontierFolder | null;
  readonly next: string | null;
  open = 0;
  /** No more envelopes will be made of it. */
  sealed = false;

  constructor(folder: FrontierFolder | null, next: string | null) {
    this.folder = folder;
    this.next = next;
  }
}

interface InFlight {
  readonly type: BoxItem['type'];
  readonly parent: string;
  readonly documentId: string;
}

/**
 * One run: what its stages share. It owns the two gates and the counts, makes the envelopes, and when they are settled
 * writes to the state, in batches: rows of the catalogue, dead letters, and then the pages that are complete, so that
 * a page is never marked before what was on it.
 *
 * Holds one small entry for each row that is outstanding or not written to the state yet: at most
 * `rows + flushAt + one page`.
 */
export class Run {
  readonly id: number;
  readonly kind: RunKind;
  readonly rewrite: boolean;
  readonly rules: string;
  readonly ledger: Ledger;
  readonly budget: Budget;
  readonly tally: Tally;
  readonly store: Store;
  readonly #now: () => number;
  /** Items seen in this run that the catalogue does not show yet, by id. */
  readonly #inFlight = new Map<string, readonly InFlight[]>();
  /** Pages of each folder that are not settled, oldest first. */
  readonly #pages = new Map<number, ListedPage[]>();
  /** Folders with pages that can be marked at the next flush, and up to where. */
  readonly #settledPages = new Map<number, { folder: FrontierFolder; next: string | null }>();
  #records: KnownItem[] = [];
  #seen: ItemKey[] = [];
  #forgotten: ItemKey[] = [];
  #letters: Omit<DeadLetter, 'attempts'>[] = [];
  #delivered: string[] = [];
  #hasLetters: boolean;
  #lastProgress = 0;

  constructor(store: Store, options: RunOptions) {
    this.store = store;
    this.id = options.id;
    this.kind = options.kind;
    this.rewrite = options.rewrite;
    this.rules = options.rules;
    this.ledger = new Ledger(options.rows);
    this.budget = new Budget(options.bytes);
    this.tally = new Tally(options.before);
    this.#now = options.now;
    this.#hasLetters = store.deadLetters.count() > 0;
  }

  get frontier(): Frontier {
    return this.store.frontier;
  }

  /** What the catalogue knows of these ids, by `itemKey`. */
  known(ids: readonly string[]): ReadonlyMap<string, KnownItem> {
    return this.store.catalogue.known(ids);
  }

  /** Where this run has already seen the item; `undefined`: nowhere yet. */
  seenIn(item: ItemKey, known: KnownItem | undefined): string | undefined {
    const flying = this.#inFlight.get(item.id)?.find((other) => other.type === item.type);
    if (flying !== undefined) return flying.parent;
    return known?.lastSeen === this.id ? known.parent : undefined;
  }

  /** The bare id, or `<type>_<id>` where an item of another type has that document. */
  documentId({ type, id }: ItemKey, known: ReadonlyMap<string, KnownItem>): string {
    const own = known.get(itemKey(type, id));
    if (own !== undefined) return own.documentId;
    const flying = this.#inFlight.get(id);
    if (flying?.some((other) => other.type !== type && other.documentId === id) === true) return `${type}_${id}`;
    for (const other of ['file', 'folder', 'web_link'] as const) {
      if (other !== type && known.get(itemKey(other, id))?.documentId === id) return `${type}_${id}`;
    }
    return id;
  }

  /** A page was listed: keeps its sub-folders and makes the page that its envelopes belong to. */
  openPage(folder: FrontierFolder, next: string | null, children: readonly NewFolder[]): ListedPage {
    const page = new ListedPage(folder, next);
    const pages = this.#pages.get(folder.seq);
    if (pages === undefined) this.#pages.set(folder.seq, [page]);
    else pages.push(page);
    if (children.length > 0) this.frontier.pageListed(folder, next, children);
    return page;
  }

  /** For envelopes that belong to no folder's listing. */
  detachedPage(): ListedPage {
    return new ListedPage(null, null);
  }

  /** No more envelopes will be made of the page. */
  sealPage(page: ListedPage): void {
    page.sealed = true;
    if (page.open === 0) this.#pageEnded(page);
  }

  /** An envelope for an item. Its row in the ledger is given back when it is settled. */
  found<T extends Sighting>(sighting: T, page: ListedPage, again = false): Envelope<T> {
    const { item, documentId, parent } = sighting;
    const flying: InFlight = { type: item.type, parent, documentId };
    const others = this.#inFlight.get(item.id);
    this.#inFlight.set(item.id, others === undefined ? [flying] : [...others, flying]);
    page.open += 1;
    if (!again) this.tally.listed();
    return Envelope.of(sighting, (outcome) => {
      if (!again) this.tally.ended(outcome);
      this.#remember(sighting, outcome);
      this.#entryEnded(page);
      // Last: whoever waits for the ledger may go on at once, and must find all of this done.
      this.ledger.release(1);
    });
  }

  /** An entry that cannot be parsed: it was listed, and is rejected at once. */
  unparsable(entry: { type: string; id: string; path: string; problem: string }, page: ListedPage): void {
    this.tally.listed();
    this.tally.ended({ kind: 'rejected', reason: entry.problem });
    this.#letters.push({
      documentId: entry.id,
      type: entry.type,
      id: entry.id,
      path: entry.path,
      operation: 'parse',
      reason: entry.problem,
      lastTried: this.#now(),
    });
    const type = itemTypes.find((known) => known === entry.type);
    // It exists in Box, so what the index may hold of it stays.
    if (type !== undefined) this.#seen.push({ type, id: entry.id });
    if (page.sealed) throw new Error('Cannot reject an entry of a page that is sealed');
  }

  /** An envelope for a document that has to go. It takes no row of the listing; the caller has reserved one. */
  gone<T extends ItemKey & { readonly documentId: string }>(change: T, forget: KnownItem | null): Envelope<T> {
    return Envelope.of(change, (outcome) => {
      if (outcome.kind === 'deleted') {
        this.tally.ended(outcome);
        if (forget === null) this.#forgotten.push({ type: change.type, id: change.id });
        else this.#records.push(forget);
        this.#delivered.push(change.documentId);
      } else {
        this.#letters.push({
          documentId: change.documentId,
          type: change.type,
          id: change.id,
          path: '',
          operation: 'delete',
          reason: outcome.kind === 'rejected' ? outcome.reason : outcome.kind,
          lastTried: this.#now(),
        });
      }
      this.#flushIfMany();
      this.ledger.release(1);
    });
  }

  /** A folder cannot be read: it is reported, and nothing below it counts as missing. */
  unreadFolder(folder: FrontierFolder, reason: string): void {
    if (folder.id === '0' && folder.viewer !== null) {
      this.tally.unread({ type: 'user', id: folder.viewer, path: '/', reason });
    } else {
      this.tally.unread({ type: 'folder', id: folder.id, path: folder.path === '' ? '/' : folder.path, reason });
    }
    this.frontier.unread(folder, reason);
  }

  /** Emits once nothing is outstanding and all that has ended is in the state, then completes. */
  quiet(): Observable<void> {
    return this.ledger.empty().pipe(map(() => this.flush()));
  }

  /** Writes everything that has ended to the state, in one transaction. */
  flush(): void {
    const records = this.#records;
    const seen = this.#seen;
    const forgotten = this.#forgotten;
    const letters = this.#letters;
    const delivered = this.#delivered;
    if (records.length + seen.length + forgotten.length + letters.length + this.#settledPages.size === 0) return;
    const { catalogue, deadLetters, frontier, runs } = this.store;
    this.store.transaction(() => {
      catalogue.record(records);
      catalogue.seen(seen, this.id);
      catalogue.forget(forgotten);
      if (letters.length > 0) deadLetters.add(letters);
      if (this.#hasLetters) deadLetters.drop(delivered);
      for (const { folder, next } of this.#settledPages.values()) frontier.pageSettled(folder, next);
      if (this.#now() - this.#lastProgress >= 1_000) {
        runs.progress(this.id, this.tally.report());
        this.#lastProgress = this.#now();
      }
    });
    if (letters.length > 0) this.#hasLetters = true;
    for (const { type, id } of records) this.#landed(type, id);
    for (const { type, id } of seen) this.#landed(type, id);
    this.#records = [];
    this.#seen = [];
    this.#forgotten = [];
    this.#letters = [];
    this.#delivered = [];
    this.#settledPages.clear();
  }

  #remember(sighting: Sighting, outcome: Outcome): void {
    const { item, documentId, parent, seenAs, known } = sighting;
    const record = (version: KnownItem['version'], filtered: KnownItem['filtered']) =>
      this.#records.push({
        type: item.type,
        id: item.id,
        documentId,
        parent,
        viewer: seenAs,
        version,
        filtered,
        rules: this.rules,
        lastSeen: this.id,
      });
    switch (outcome.kind) {
      case 'written':
        record(outcome.version, null);
        this.#delivered.push(documentId);
        break;
      case 'unchanged':
        if (
          known?.parent === parent &&
          known.viewer === seenAs &&
          known.rules === this.rules &&
          known.filtered === null
        ) {
          this.#seen.push(item);
        } else record(outcome.version, null);
        break;
      case 'filtered':
        record(known?.version ?? null, { rule: outcome.rule, signature: outcome.signature });
        this.#delivered.push(documentId);
        break;
      case 'rejected':
        // With what it was known by, so that the next run finds it changed and tries again.
        record(known?.version ?? null, null);
        this.#letters.push({
          documentId,
          type: item.type,
          id: item.id,
          path: sighting.path,
          operation: outcome.operation ?? 'index',
          reason: outcome.reason,
          lastTried: this.#now(),
        });
        break;
      case 'deleted':
        throw new Error(`Cannot remember "${sighting.path}" as deleted: it was found, expected another outcome`);
    }
    this.#flushIfMany();
  }

  #flushIfMany(): void {
    if (this.#records.length + this.#seen.length + this.#forgotten.length >= flushAt) this.flush();
  }

  #entryEnded(page: ListedPage): void {
    page.open -= 1;
    if (page.open === 0 && page.sealed) this.#pageEnded(page);
  }

  /** Moves the folder's mark over all pages that have ended without a gap. */
  #pageEnded(page: ListedPage): void {
    const folder = page.folder;
    if (folder === null) return;
    const pages = this.#pages.get(folder.seq) ?? [];
    let last: ListedPage | undefined;
    while (pages[0]?.sealed === true && pages[0].open === 0) last = pages.shift();
    if (last === undefined) return;
    this.#settledPages.set(folder.seq, { folder, next: last.next });
    if (pages.length === 0 && last.next === null) this.#pages.delete(folder.seq);
  }

  #landed(type: BoxItem['type'], id: string): void {
    const flying = this.#inFlight.get(id);
    if (flying === undefined) return;
    if (flying.length === 1) {
      this.#inFlight.delete(id);
      return;
    }
    const index = flying.findIndex((other) => other.type === type);
    this.#inFlight.set(
      id,
      flying.filter((_, position) => position !== index),
    );
  }
}

const itemTypes = ['file', 'folder', 'web_link'] as const;
