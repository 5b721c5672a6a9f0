import { type Observable, map } from 'rxjs';
import type { BoxItem } from '../box/box-item.js';
import { Oddities } from '../box/oddities.js';
import type { Budget } from '../core/budget.js';
import { Envelope } from '../core/envelope.js';
import { PermanentError, TransientError } from '../core/errors.js';
import { Gates } from '../core/gates.js';
import type { Ledger } from '../core/ledger.js';
import type { Outcome } from '../core/outcome.js';
import type { RunReport } from '../core/run-report.js';
import { shortened, shortenedPath } from '../core/shortened.js';
import { Tally } from '../core/tally.js';
import { type ItemKey, type ItemType, type KnownItem, itemKey, itemTypes } from './catalogue.js';
import type { TriedContent } from './content-tries.js';
import type { DeadLetter } from './dead-letters.js';
import type { Frontier, FrontierFolder, NewFolder } from './frontier.js';
import type { RunKind } from './runs.js';
import type { Store } from './store.js';

/** How many endings are gathered before they are written to the state in one transaction. */
const flushAt = 1_000;

/** How many of the reasons why something could not be read are kept while the run goes on. */
const unreadInProgress = 20;

export interface RunOptions {
  readonly id: number;
  readonly kind: RunKind;
  /** Everything is done again, whatever the catalogue says. */
  readonly rewrite: boolean;
  /** Limit of entries listed and not settled. */
  readonly rows: number;
  /** Limit of bytes of content, from the download until the document is settled. */
  readonly bytes: number;
  /** Limit of bytes of listings: pages that are read, and what was listed and is not settled. Default 24 MiB. */
  readonly listingBytes?: number;
  /** Fingerprint of the sync rules of this run. */
  readonly rules: string;
  /** Counts of the same run before it was stopped. */
  readonly before: RunReport | null;
  readonly now: () => number;
  /** Told, with the last reason, each time that so many folders in a row could not be read for the moment. */
  readonly onTrouble?: (reason: string) => void;
  /** Default 16. */
  readonly troubleAfter?: number;
}

/** What an item needs to be remembered by. */
export interface Sighting {
  readonly item: BoxItem;
  readonly documentId: string;
  readonly path: string;
  readonly parent: string;
  readonly ancestors: readonly string[];
  readonly seenAs: string | null;
  readonly known: KnownItem | undefined;
}

type Remembered = Omit<Sighting, 'item' | 'ancestors'> & ItemKey;

type Written = Extract<Outcome, { kind: 'written' }>;

/** What is said of an item that is in the pipeline. */
export type UnderWay = ItemKey & { readonly path?: string };

export interface FoundOptions {
  /** It was listed before in this run, and is not counted once more. */
  readonly again?: boolean;
  /** Of the entry in Box's answer. Default 1,000. */
  readonly bytes?: number;
}

/** Bytes of memory for what is listed: objects of a fixed size, the parsed entry and its JSON, the path here and there. */
function weigh({ path, ancestors }: Pick<Sighting, 'path' | 'ancestors'>, bytes: number): number {
  return 500 + 3 * bytes + 2 * path.length + 14 * ancestors.length;
}

/** An entry that is no item; `type` and `id` are what could be read of them, else empty. */
export interface Unparsable {
  readonly type: string;
  readonly id: string;
  readonly problem: string;
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
  readonly gates: Gates;
  readonly tally: Tally;
  /** Fields that Box has sent otherwise than it should. */
  readonly oddities = new Oddities();
  readonly store: Store;
  /** Active users whom the configuration leaves out: what only they show has left the scope. */
  readonly excludedViewers = new Set<string>();
  /** Folders that the configuration names and that could not be found. */
  readonly unfoundFolders = new Set<string>();
  readonly #now: () => number;
  /** Items seen in this run that the catalogue does not show yet, by id. */
  readonly #underWay = new Set<Envelope<UnderWay>>();
  readonly #inFlight = new Map<string, readonly InFlight[]>();
  /** Pages of each folder that are not settled, oldest first. */
  readonly #pages = new Map<number, ListedPage[]>();
  /** Folders with pages that can be marked at the next flush, and up to where. */
  readonly #settledPages = new Map<number, { folder: FrontierFolder; next: string | null }>();
  #records: KnownItem[] = [];
  #seen: ItemKey[] = [];
  /** By document: what happened to it last counts. */
  readonly #letters = new Map<string, Omit<DeadLetter, 'attempts'>>();
  /** Documents whose letters are out of date. */
  readonly #delivered = new Set<string>();
  #hasLetters: boolean;
  /** Contents that the index did not take, and files whose text it has now. */
  #refusedContents: TriedContent[] = [];
  #takenContents: string[] = [];
  /** Folders that could not be read for the moment, with none between that could. */
  #failuresInARow = 0;
  /** Entries without an id, by folder. */
  readonly #namelessIn = new Map<string, number>();
  readonly #troubleAfter: number;
  readonly #onTrouble: (reason: string) => void;

  constructor(store: Store, options: RunOptions) {
    this.store = store;
    this.id = options.id;
    this.kind = options.kind;
    this.rewrite = options.rewrite;
    this.rules = options.rules;
    const { rows, bytes, listingBytes = 24 * 1024 * 1024 } = options;
    this.gates = new Gates({ rows, bytes, listingBytes });
    this.tally = new Tally(options.before);
    this.#now = options.now;
    this.#troubleAfter = options.troubleAfter ?? 16;
    this.#onTrouble = options.onTrouble ?? (() => {});
    this.#hasLetters = store.deadLetters.count() > 0;
  }

  get ledger(): Ledger {
    return this.gates.ledger;
  }

  /** For content. */
  get budget(): Budget {
    return this.gates.content;
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

  /**
   * `_id` of the item's document: its bare id, or, where that is the document of another item, `<type>_<id>`, with the
   * type once more for as long as that is another's as well (folder `folder_7` beside file `7` and folder `7`).
   */
  documentId(item: ItemKey, known: ReadonlyMap<string, KnownItem>): string {
    const own = known.get(itemKey(item.type, item.id));
    if (own !== undefined) return own.documentId;
    const prefix = `${item.type}_`;
    let documentId = item.id;
    while (this.#isTaken(documentId, item, known)) documentId = `${prefix}${documentId}`;
    return documentId;
  }

  /** Whose it could be follows from how they are made: of an item with this id, or with what is left without a type. */
  #isTaken(documentId: string, item: ItemKey, known: ReadonlyMap<string, KnownItem>): boolean {
    for (let id: string | undefined = documentId; id !== undefined; id = withoutType(id)) {
      const isAnother = ({ type }: { readonly type: ItemType }) => type !== item.type || id !== item.id;
      const flying = this.#inFlight.get(id);
      if (flying?.some((other) => other.documentId === documentId && isAnother(other)) === true) return true;
      // The ids of the page are known; others are asked for, which only ids with a type in front need.
      const rows = id === item.id ? known : this.known([id]);
      if (rows.size === 0) continue;
      for (const type of itemTypes) {
        const other = rows.get(itemKey(type, id));
        if (other?.documentId === documentId && isAnother(other)) return true;
      }
    }
    return false;
  }

  /** A page was listed: keeps its sub-folders and makes the page that its envelopes belong to. */
  openPage(folder: FrontierFolder, next: string | null, children: readonly NewFolder[]): ListedPage {
    this.#failuresInARow = 0;
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

  /**
   * An envelope for an item, to be let in by `gates.admit`. Its row in the ledger and its weight are given back when it
   * is settled. `bytes`: of the entry in Box's answer; path and ancestors are weighed here.
   */
  found<T extends Sighting>(
    sighting: T,
    page: ListedPage,
    { again = false, bytes = 1_000 }: FoundOptions = {},
  ): Envelope<T> {
    const { item, documentId, parent, path, seenAs, known } = sighting;
    const { type, id } = item;
    this.#flies(id, { type, parent, documentId });
    page.open += 1;
    // Only what has to be remembered lives until the outcome: the item itself is twice as large.
    const remembered: Remembered = { type, id, documentId, parent, path, seenAs, known };
    const weight = weigh(sighting, bytes);
    let isWeighed = false;
    const envelope: Envelope<T> = Envelope.of(
      sighting,
      (outcome) => {
        this.#underWay.delete(flight);
        if (!again) this.tally.ended(outcome);
        this.#remember(remembered, outcome);
        this.#entryEnded(page);
        if (isWeighed) this.gates.documents.release(weight);
        // Last: whoever waits for the ledger may go on at once, and must find all of this done.
        this.ledger.release(1);
      },
      {
        weight,
        begin: (weighed) => {
          isWeighed = weighed;
          this.#underWay.add(flight);
          if (!again) this.tally.listed();
        },
      },
    );
    const flight = envelope.with(remembered);
    return envelope;
  }

  /** An entry that cannot be parsed: it was listed, and is rejected at once; a second sighting counts for nothing. */
  unparsable(entry: Unparsable, folder: FrontierFolder, known: ReadonlyMap<string, KnownItem>): void {
    const { id, problem: reason } = entry;
    const type = itemTypes.find((one) => one === entry.type);
    const isKnowable = type !== undefined && id !== '';
    const before = isKnowable ? known.get(itemKey(type, id)) : undefined;
    if (isKnowable && this.seenIn({ type, id }, before) !== undefined) return;
    this.tally.listed();
    this.tally.ended({ kind: 'rejected', reason });
    // No document has such an id: an entry without an id, or of no known type, is not to be taken for one that has.
    let documentId = id === '' ? this.#nameless(folder.id) : `${entry.type} ${id}`;
    if (isKnowable) {
      documentId = this.documentId({ type, id }, known);
      this.#flies(id, { type, parent: folder.id, documentId });
      const { version = null, filtered = null, rules = this.rules } = before ?? {};
      const place = { parent: folder.id, viewer: folder.viewer, lastSeen: this.id };
      // It exists in Box, so what the index may hold of it stays.
      this.#records.push({ type, id, documentId, version, filtered, rules, ...place });
    }
    const path = `${folder.path}/${id}`;
    this.#failed({ documentId, type: entry.type, id, path, operation: 'parse', reason });
    this.#flushIfMany();
  }

  /** An envelope for a document that has to go. It takes no row of the listing; the caller has reserved one. */
  gone<T extends ItemKey & { readonly documentId: string }>(
    change: T,
    /** What is known of the item from then on; `undefined`: it was never known. */
    known: KnownItem | undefined,
  ): Envelope<T> {
    const envelope = Envelope.of(change, (outcome) => {
      this.#underWay.delete(envelope);
      if (outcome.kind === 'deleted') {
        this.tally.ended(outcome);
        if (known !== undefined) this.#records.push(known);
        this.#succeeded(change.documentId);
      } else {
        const reason = outcome.kind === 'rejected' ? outcome.reason : outcome.kind;
        const { type, id, documentId } = change;
        // The document is still there and should not be: the run is not complete.
        this.tally.deletesHeld(1);
        this.#failed({ documentId, type, id, path: '', operation: 'delete', reason });
      }
      this.#flushIfMany();
      this.ledger.release(1);
    });
    this.#underWay.add(envelope);
    return envelope;
  }

  /** What is in the pipeline and not settled, oldest first. */
  underWay(): Iterable<Envelope<UnderWay>> {
    return this.#underWay;
  }

  /** A folder cannot be read: it is reported, and nothing below it counts as missing. */
  unreadFolder(folder: FrontierFolder, error: TransientError | PermanentError): void {
    const reason = shortened(error.message);
    if (folder.id === '0' && folder.viewer !== null) {
      this.tally.unread({ type: 'user', id: folder.viewer, path: '/', reason });
    } else {
      this.tally.unread({ type: 'folder', id: folder.id, path: folder.path === '' ? '/' : folder.path, reason });
    }
    this.frontier.unread(folder, reason);
    if (!(error instanceof TransientError)) return;
    this.#failuresInARow += 1;
    if (this.#failuresInARow % this.#troubleAfter === 0) this.#onTrouble(reason);
  }

  /** A folder has gone between the listing of its parent and its own: Box has said so, and nothing is unread. */
  goneFolder(folder: FrontierFolder, answer: 'trashed' | 'not_found'): void {
    this.frontier.gone(folder, answer);
  }

  /** Milliseconds since 1970. */
  now(): number {
    return this.#now();
  }

  /** Emits once nothing is outstanding and all that has ended is in the state, then completes. */
  quiet(): Observable<void> {
    return this.ledger.empty().pipe(map(() => this.flush()));
  }

  /** Writes everything that has ended to the state, in one transaction. */
  flush(): void {
    const records = this.#records;
    const seen = this.#seen;
    const letters = [...this.#letters.values()];
    if (records.length + seen.length + letters.length + this.#settledPages.size === 0) return;
    const { catalogue, contentTries, deadLetters, frontier, runs } = this.store;
    this.store.transaction(() => {
      this.assertAlone();
      catalogue.record(records);
      catalogue.seen(seen, this.id);
      if (letters.length > 0) deadLetters.add(letters);
      if (this.#delivered.size > 0) deadLetters.drop([...this.#delivered]);
      for (const tried of this.#refusedContents) contentTries.failed(tried);
      contentTries.drop(this.#takenContents);
      for (const { folder, next } of this.#settledPages.values()) frontier.pageSettled(folder, next);
      // Always: what is in the catalogue is not counted again if the run is stopped and gone on with.
      // Without the many reasons: this is written forty times in a second, and what could not be read is tried again.
      const report = this.tally.report();
      runs.progress(this.id, { ...report, unread: report.unread.slice(0, unreadInProgress) }, this.#now());
    });
    if (letters.length > 0) this.#hasLetters = true;
    for (const { type, id } of records) this.#landed(type, id);
    for (const { type, id } of seen) this.#landed(type, id);
    this.#records = [];
    this.#seen = [];
    this.#letters.clear();
    this.#delivered.clear();
    this.#refusedContents = [];
    this.#takenContents = [];
    this.#settledPages.clear();
  }

  /** Fails if another run has begun on the same state, and has taken the folders of this one. */
  assertAlone(): void {
    const newest = this.store.runs.newest();
    if (newest <= this.id) return;
    throw new PermanentError(
      `Cannot go on with run ${this.id}: run ${newest} has begun on the same state, expected one at a time. Let one program work on a state, and start the next run when the last has ended`,
    );
  }

  #remember(item: Remembered, outcome: Outcome): void {
    const { documentId, parent, seenAs, known } = item;
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
        this.#succeeded(documentId);
        this.#noteContent(item, outcome);
        break;
      case 'unchanged':
        this.#succeeded(documentId);
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
        this.#succeeded(documentId);
        break;
      case 'rejected':
        // With what it was known by, so that the next run finds it changed and tries again.
        record(known?.version ?? null, null);
        this.#failed({
          documentId,
          type: item.type,
          id: item.id,
          path: item.path,
          operation: outcome.operation ?? 'index',
          reason: outcome.reason,
        });
        break;
      case 'deleted':
        throw new Error(`Cannot remember "${item.path}" as deleted: it was found, expected another outcome`);
    }
    this.#flushIfMany();
  }

  /** Partial updates, which leave the content that was known as it is, say nothing about it. */
  #noteContent({ id, known }: Remembered, { version, withoutContent, refusedContent }: Written): void {
    if (refusedContent !== undefined) this.#refusedContents.push({ id, content: refusedContent });
    if (withoutContent !== undefined || version.content === null) return;
    if (this.rewrite || known?.version?.content !== version.content) this.#takenContents.push(id);
  }

  /** The same in each run, so that an entry that stays does not gather letters. */
  #nameless(folder: string): string {
    const count = (this.#namelessIn.get(folder) ?? 0) + 1;
    this.#namelessIn.set(folder, count);
    return `entry ${count} without id in folder ${folder}`;
  }

  #flushIfMany(): void {
    const gathered = this.#records.length + this.#seen.length;
    if (gathered + this.#letters.size >= flushAt) this.flush();
  }

  #failed(letter: Omit<DeadLetter, 'attempts' | 'lastTried'>): void {
    this.#delivered.delete(letter.documentId);
    const { path, reason } = letter;
    const kept = { ...letter, path: shortenedPath(path), reason: shortened(reason) };
    this.#letters.set(letter.documentId, { ...kept, lastTried: this.#now() });
  }

  #succeeded(documentId: string): void {
    this.#letters.delete(documentId);
    if (this.#hasLetters) this.#delivered.add(documentId);
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
    if (pages.length === 0) this.#pages.delete(folder.seq);
  }

  #flies(id: string, flying: InFlight): void {
    const others = this.#inFlight.get(id);
    this.#inFlight.set(id, others === undefined ? [flying] : [...others, flying]);
  }

  #landed(type: BoxItem['type'], id: string): void {
    const flying = this.#inFlight.get(id);
    const index = flying?.findIndex((other) => other.type === type) ?? -1;
    if (flying === undefined || index === -1) return;
    if (flying.length === 1) this.#inFlight.delete(id);
    else this.#inFlight.set(id, flying.toSpliced(index, 1));
  }
}

const typePrefixes = itemTypes.map((type) => `${type}_`);

/** `folder_7` -> `7`; `undefined` if no type stands in front. */
function withoutType(documentId: string): string | undefined {
  const prefix = typePrefixes.find((one) => documentId.startsWith(one));
  return prefix === undefined ? undefined : documentId.slice(prefix.length);
}
