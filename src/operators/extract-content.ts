import {
  EMPTY,
  type Observable,
  type OperatorFunction,
  catchError,
  concatMap,
  defer,
  finalize,
  map,
  mergeMap,
  of,
  tap,
  throwError,
} from 'rxjs';
import type { BoxApi } from '../box/box-api.js';
import type { BoxFile } from '../box/box-item.js';
import type { Budget } from '../core/budget.js';
import type { Envelope } from '../core/envelope.js';
import { PermanentError, StateError, TransientError } from '../core/errors.js';
import { fromAbortable } from '../core/from-abortable.js';
import { extensionOf } from '../extractors/content-gate.js';
import { limitedBytes } from '../extractors/limited-bytes.js';
import type { Extractor } from '../extractors/extractor.js';
import type { DeleteOperation, IndexOperation, Operation, UpdateOperation } from '../sinks/operation.js';
import type { Gone } from '../sources/change.js';
import type { Compared } from './draft.js';

export interface ExtractContentDeps {
  readonly box: Pick<BoxApi, 'openContent'>;
  readonly budget: Budget;
  readonly extractor: Extractor;
}

export interface ExtractContentOptions {
  /** Most bytes of one file; a file that turns out longer than this while it is read is indexed without text. */
  readonly maxBytes: number;
  /** Downloads at once. */
  readonly concurrency: number;
}

/**
 * Makes the operation for each document: a partial update where only metadata differ; else the whole document, with
 * its text where the gate wants one (`wanted` is not null). A download waits for its bytes in the budget; they are
 * given back after extraction, or with the outcome where the raw content itself is in the document.
 *
 * Whatever goes wrong with the content costs the text, not the document: the metadata are written, the outcome says
 * why, and the next run tries again. Holds `concurrency` downloads; what waits behind them is bounded by the ledger.
 */
export function extractContent<D extends object>(
  deps: ExtractContentDeps,
  options: ExtractContentOptions,
): OperatorFunction<Envelope<Compared<D> | Gone>, Envelope<Operation>> {
  const whole = wholeDocument(deps, options);
  return mergeMap((envelope): Observable<Envelope<Operation>> => {
    const compared = envelope.value;
    if (compared.kind === 'gone') {
      const operation: DeleteOperation = { kind: 'delete', id: compared.documentId };
      return of(envelope.with(operation));
    }
    if (compared.difference !== 'whole') return of(envelope.with(updateOf(whole, envelope, compared)));
    return whole(envelope, compared).pipe(
      map((operation): Envelope<Operation> => envelope.with(operation)),
      catchError((error: unknown) => {
        if (!(error instanceof TransientError)) return throwError(() => error);
        return withoutContent(whole, envelope, compared, error.message);
      }),
    );
  }, options.concurrency);
}

/**
 * Makes the whole document, with its content. Fails with `TransientError` if the content is not to be had now; content
 * that can never be had makes a document without it.
 */
type Whole = <D>(envelope: Envelope<unknown>, compared: Compared<D>) => Observable<IndexOperation>;

function wholeDocument({ box, budget, extractor }: ExtractContentDeps, { maxBytes }: ExtractContentOptions): Whole {
  const text = async (file: BoxFile, seenAs: string | null, signal: AbortSignal) => {
    const bytes = await openContent(box, file, seenAs, signal);
    const checked = limitedBytes(bytes, { maxBytes, size: file.size, sha1: file.sha1 });
    const info = { id: file.id, name: file.name ?? '', size: file.size, extension: extensionOf(file) };
    return extractor.extract(info, checked, signal, { grow: () => Promise.resolve() });
  };
  const reserve = extractor.reserve ?? ((size: number) => size);
  const download = (envelope: Envelope<unknown>, file: BoxFile, seenAs: string | null) =>
    budget.acquire(reserve(Math.min(file.size ?? maxBytes, maxBytes))).pipe(
      concatMap((release) => {
        let isKept = false;
        return fromAbortable((signal) => text(file, seenAs, signal)).pipe(
          tap(() => {
            isKept = extractor.reserve !== undefined;
            if (isKept) envelope.whenSettled(release);
            else release();
          }),
          // Failed, or called off: then those that wait for these bytes are called off in the same tick, and must not begin.
          finalize(() => {
            if (!isKept) queueMicrotask(release);
          }),
        );
      }),
    );

  return (envelope, { found, source, signature, wanted }) => {
    const { item, documentId, seenAs } = found;
    const operation = { kind: 'index', id: documentId, source, version: { signature, content: wanted } } as const;
    if (item.type !== 'file' || wanted === null) return of({ ...operation, content: '' });
    return download(envelope, item, seenAs).pipe(
      map(({ members }) => ({ ...operation, content: members })),
      // The same bytes would be refused again: this version of the file is done with, without text.
      catchError((error: unknown) =>
        error instanceof PermanentError && !(error instanceof StateError)
          ? of({ ...operation, content: '', withoutContent: error.message })
          : throwError(() => error),
      ),
    );
  };
}

/** What Box refuses today it may give tomorrow (rights change), so a refusal is no `PermanentError` of the content. */
async function openContent(
  box: ExtractContentDeps['box'],
  file: BoxFile,
  seenAs: string | null,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  try {
    return (await box.openContent(file.id, { asUser: seenAs ?? undefined }, signal)).bytes;
  } catch (error) {
    if (error instanceof PermanentError && !(error instanceof StateError)) {
      throw new TransientError(error.message, { cause: error });
    }
    throw error;
  }
}

function updateOf<D>(whole: Whole, envelope: Envelope<unknown>, compared: Compared<D>): UpdateOperation {
  const { found, source, signature, wanted } = compared;
  return {
    kind: 'update',
    id: found.documentId,
    source,
    version: { signature, content: wanted },
    whole: defer(() => whole(envelope, compared)),
  };
}

/** The content is not to be had: metadata alone. Text that the index already holds stays, marked as what it is of. */
function withoutContent<D>(
  whole: Whole,
  envelope: Envelope<unknown>,
  compared: Compared<D>,
  reason: string,
): Observable<Envelope<Operation>> {
  const { found, source, signature } = compared;
  const held = found.known?.version ?? null;
  if (held === null) {
    const operation: IndexOperation = {
      kind: 'index',
      id: found.documentId,
      source,
      content: '',
      version: { signature, content: null },
      withoutContent: reason,
    };
    return of(envelope.with(operation));
  }
  if (held.signature === signature) {
    envelope.settle({ kind: 'unchanged', version: held, withoutContent: reason });
    return EMPTY;
  }
  return of(
    envelope.with({
      ...updateOf(whole, envelope, compared),
      version: { signature, content: held.content },
      withoutContent: reason,
    }),
  );
}
