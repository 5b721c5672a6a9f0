import {
  type Observable,
  type OperatorFunction,
  catchError,
  concat,
  defer,
  finalize,
  ignoreElements,
  map,
  throwError,
} from 'rxjs';
import type { Envelope } from '../core/envelope.js';
import { PermanentError } from '../core/errors.js';
import { inOrder } from '../core/flatten.js';
import { fromAbortable } from '../core/from-abortable.js';
import type { Settled } from '../core/settled.js';
import { type BulkLinesOptions, bulkLines, isActionWithDocument } from './bulk-lines.js';
import type { Operation } from './operation.js';
import { type TextTarget, growingFile } from './text-target.js';
import { written } from './written.js';
import { messageOf } from '../core/message-of.js';

export interface BulkFileDeps {
  /** Opens what is written to, once per subscription. */
  readonly open: () => Promise<TextTarget>;
}

/**
 * Writes NDJSON that `_bulk` takes as it is. A batch has ended as written when the target has taken it; the next one
 * waits for that.
 *
 * With `growingFile` (see `openBulkFile`) the file is a log of all runs: what was settled is in it even after a kill, and
 * sending all of it gives the index. With `newFile` it is there only when the run is complete: for a dry run, which keeps
 * no state. That a partial update's document is missing cannot be known here.
 *
 * A target that cannot be opened or written is an error. Holds the batches that upstream lets through, which the ledger
 * bounds, and the text of one.
 */
export function bulkFile(
  { open }: BulkFileDeps,
  options: BulkLinesOptions = {},
): OperatorFunction<readonly Envelope<Operation>[], Settled> {
  return (source) =>
    atTarget(async (signal) => {
      const target = await open();
      if (signal.aborted) await target.close(false);
      return target;
    }).pipe(inOrder((target) => through(source, target, options)));
}

/** Opens the file of `sink: bulk_file`, to be written on from where it ends. */
export function openBulkFile(path: string): Promise<TextTarget> {
  return growingFile(path, isActionWithDocument);
}

function through(
  source: Observable<readonly Envelope<Operation>[]>,
  target: TextTarget,
  options: BulkLinesOptions,
): Observable<Settled> {
  let closed = false;
  const close = (complete: boolean) => {
    closed = true;
    return target.close(complete);
  };
  const lines = source.pipe(
    inOrder((batch) =>
      atTarget(() => target.write(batch.map(({ value }) => bulkLines(value, options)).join(''))).pipe(
        inOrder(() => batch),
        map((envelope): Settled => ({ envelope, outcome: written(envelope.value) })),
      ),
    ),
  );
  const end = defer(() => atTarget(() => close(true)).pipe(ignoreElements()));
  return concat(lines, end).pipe(
    finalize(() => {
      // Nobody waits for this any more, and the first fault is the one to report.
      if (!closed) close(false).catch(() => {});
    }),
  );
}

function atTarget<T>(work: (signal: AbortSignal) => Promise<T>): Observable<T> {
  return fromAbortable(work).pipe(catchError((error: unknown) => throwError(() => cannotWrite(error))));
}

function cannotWrite(error: unknown): PermanentError {
  const found = messageOf(error);
  return new PermanentError(
    `Cannot write the bulk file: ${found}. Check that its folder can be written and its disk has room`,
    { cause: error },
  );
}
