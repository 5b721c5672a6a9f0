import {
  EMPTY,
  type Observable,
  type OperatorFunction,
  catchError,
  defer,
  finalize,
  map,
  of,
  tap,
  throwError,
} from 'rxjs';
import type { BoxApi } from '../box/box-api.js';
import type { BoxFile } from '../box/box-item.js';
import type { RepeatReason } from '../box/http-client.js';
import type { Budget, Hold } from '../core/budget.js';
import type { Envelope } from '../core/envelope.js';
import { ConnectorError, PermanentError, StateError, TransientError } from '../core/errors.js';
import { type Inner, flatten, inOrder } from '../core/flatten.js';
import { fromAbortable } from '../core/from-abortable.js';
import { messageOf } from '../core/message-of.js';
import type { RetryPolicy } from '../core/retry.js';
import { textBytes } from '../core/text-bytes.js';
import { extensionOf } from '../extractors/content-gate.js';
import { limitedBytes } from '../extractors/limited-bytes.js';
import type { Extractor, FileInfo } from '../extractors/extractor.js';
import { retriedBody } from '../extractors/retried-body.js';
import type {
  DeleteOperation,
  DocumentOrigin,
  IndexOperation,
  Operation,
  UpdateOperation,
} from '../sinks/operation.js';
import type { Found, Gone } from '../sources/change.js';
import type { Compared } from './draft.js';

export interface ExtractContentDeps {
  readonly box: Pick<BoxApi, 'openContent'>;
  readonly budget: Budget;
  readonly extractor: Extractor;
  /** How often a download that is cut is begun again. Default: not before the next run. */
  readonly retry?: RetryPolicy | undefined;
}

export interface ExtractContentOptions {
  /** Most bytes of one file; a file that turns out longer than this while it is read is indexed without text. */
  readonly maxBytes: number;
  /** Downloads at once. */
  readonly concurrency: number;
}

/**
 * Makes the operation for each document: a partial update where only metadata differ; else the whole document, with
 * its text where the gate wants one (`wanted` is not null). What needs no download passes at once. A download waits for
 * its bytes in the budget, and what its content weighs is held there until the document is settled.
 *
 * Whatever goes wrong with the content, in Box or in the extractor, costs the text, not the document: the metadata are
 * written, the outcome says why, and the next run tries again. Holds `concurrency` downloads; what waits behind them is
 * bounded by the ledger.
 */
export function extractContent<D extends object>(
  deps: ExtractContentDeps,
  options: ExtractContentOptions,
): OperatorFunction<Envelope<Compared<D> | Gone>, Envelope<Operation>> {
  const download = downloads(deps, options);
  return flatten((envelope): Inner<Envelope<Operation>> => {
    const compared = envelope.value;
    if (compared.kind === 'gone') {
      const operation: DeleteOperation = { kind: 'delete', id: compared.documentId };
      return [envelope.with(operation)];
    }
    if (compared.difference !== 'whole') return [envelope.with(updateOf(download, envelope, compared))];
    const file = fileOf(compared);
    if (file === null) return [envelope.with(bare(compared))];
    return download(envelope, compared, file).pipe(
      map((operation): Envelope<Operation> => envelope.with(operation)),
      catchError((error: unknown) => {
        if (!(error instanceof TransientError)) return throwError(() => error);
        return withoutContent(download, envelope, compared, error.message);
      }),
    );
  }, options.concurrency);
}

/** The file whose content is wanted; `null`: the document has none. */
function fileOf<D>({ found, wanted }: Compared<D>): BoxFile | null {
  return wanted !== null && found.item.type === 'file' ? found.item : null;
}

/** Who answers for a document: where Box names no owner, the one whose walk has shown it. */
function ownerOf({ item, seenAs }: Compared<unknown>['found']): string | undefined {
  return item.owned_by?.id ?? seenAs ?? undefined;
}

/** The whole document without content. */
function bare<D>({ found, source, signature, wanted }: Compared<D>): IndexOperation {
  const version = { signature, content: wanted };
  return {
    kind: 'index',
    id: found.documentId,
    source,
    content: '',
    version,
    origin: originOf(found),
    owner: ownerOf(found),
  };
}

/**
 * Makes the whole document, with the content of its file. Fails with `TransientError` if the content is not to be had
 * now; content that can never be had makes a document without it.
 */
type Download = <D>(envelope: Envelope<unknown>, compared: Compared<D>, file: BoxFile) => Observable<IndexOperation>;

function downloads(
  { box, budget, extractor, retry }: ExtractContentDeps,
  { maxBytes }: ExtractContentOptions,
): Download {
  const members = async (
    file: BoxFile,
    { found: { seenAs }, wanted }: Compared<unknown>,
    hold: Hold,
    signal: AbortSignal,
  ): Promise<string> => {
    const about = { size: file.size, extension: extensionOf(file), content: wanted ?? '' };
    const info = { id: file.id, name: file.name ?? '', ...about, owner: file.owned_by?.id ?? null };
    try {
      const leave = extractor.admit?.(info);
      try {
        return await admitted(file, info, seenAs, hold, signal);
      } finally {
        leave?.();
      }
    } catch (error) {
      throw ofTheText(info.name, error, signal);
    }
  };
  const admitted = async (
    file: BoxFile,
    info: FileInfo,
    seenAs: string | null,
    hold: Hold,
    signal: AbortSignal,
  ): Promise<string> => {
    const room = { grow: (total: number) => hold.grow(total, signal) };
    const open = async (aborts: AbortSignal, repeat: RepeatReason | undefined) => {
      const bytes = await openContent(box, file, { asUser: seenAs ?? undefined, repeat }, aborts);
      return limitedBytes(bytes, { maxBytes, size: file.size, sha1: file.sha1 });
    };
    const extracted = await retriedBody(
      open,
      (bytes, aborts) => extractor.extract(info, bytes, aborts, room),
      retry,
      signal,
    );
    const weight = textBytes(extracted.members);
    await hold.grow(weight, signal);
    hold.shrink(weight);
    return extracted.members;
  };
  const reserve = ({ id, name }: BoxFile, size: number): number => {
    try {
      return extractor.reserve?.(size) ?? size;
    } catch (error) {
      throw ofTheText(name ?? id, error);
    }
  };

  return (envelope, compared, file) => {
    const size = Math.min(file.size ?? maxBytes, maxBytes);
    return defer(() => budget.acquire(reserve(file, size))).pipe(
      inOrder((hold) => {
        let isKept = false;
        return fromAbortable((signal) => members(file, compared, hold, signal)).pipe(
          tap(() => {
            isKept = true;
            envelope.whenSettled(() => hold.release());
          }),
          // Failed, or called off: then those that wait for these bytes are called off in the same tick, and must not begin.
          finalize(() => {
            if (!isKept) queueMicrotask(() => hold.release());
          }),
        );
      }),
      map((content): IndexOperation => ({ ...bare(compared), content })),
      // The same bytes would be refused again: this version of the file is done with, without text.
      catchError((error: unknown) =>
        error instanceof PermanentError && !(error instanceof StateError)
          ? of({ ...bare(compared), withoutContent: error.message })
          : throwError(() => error),
      ),
    );
  };
}

/** Whoever writes an extractor throws what its parser throws: it costs the text, whichever of its functions it is. */
function ofTheText(name: string, error: unknown, signal?: AbortSignal): unknown {
  if (error instanceof ConnectorError || signal?.aborted === true) return error;
  return new TransientError(
    `Cannot extract the text of "${name}": ${messageOf(error)}; the file is tried again in the next run`,
    { cause: error },
  );
}

/** What Box refuses today it may give tomorrow (rights change), so a refusal is no `PermanentError` of the content. */
async function openContent(
  box: ExtractContentDeps['box'],
  file: BoxFile,
  { asUser, repeat }: { readonly asUser: string | undefined; readonly repeat: RepeatReason | undefined },
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  try {
    return (await box.openContent(file.id, { asUser, ...(repeat && { repeat }) }, signal)).bytes;
  } catch (error) {
    if (error instanceof PermanentError && !(error instanceof StateError)) {
      throw new TransientError(error.message, { cause: error });
    }
    throw error;
  }
}

function originOf({ item, seenAs }: Found): DocumentOrigin {
  return { id: item.id, viewer: seenAs };
}

function updateOf<D>(download: Download, envelope: Envelope<unknown>, compared: Compared<D>): UpdateOperation {
  const { found, source, signature, wanted } = compared;
  const file = fileOf(compared);
  return {
    kind: 'update',
    id: found.documentId,
    source,
    version: { signature, content: wanted },
    origin: originOf(found),
    owner: ownerOf(found),
    whole: file === null ? of(bare(compared)) : defer(() => download(envelope, compared, file)),
  };
}

/** The content is not to be had: metadata alone. Text that the index already holds stays, marked as what it is of. */
function withoutContent<D>(
  download: Download,
  envelope: Envelope<unknown>,
  compared: Compared<D>,
  reason: string,
): Observable<Envelope<Operation>> {
  const { found, signature } = compared;
  const held = found.known?.version ?? null;
  if (held === null) {
    const version = { signature, content: null };
    const operation: IndexOperation = { ...bare(compared), version, withoutContent: reason };
    return of(envelope.with(operation));
  }
  if (held.signature === signature) {
    envelope.settle({ kind: 'unchanged', version: held, withoutContent: reason });
    return EMPTY;
  }
  return of(
    envelope.with({
      ...updateOf(download, envelope, compared),
      version: { signature, content: held.content },
      withoutContent: reason,
    }),
  );
}
