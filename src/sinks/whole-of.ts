import { type Observable, catchError, defaultIfEmpty, of, take, throwError } from 'rxjs';
import { PermanentError, TransientError } from '../core/errors.js';
import type { IndexOperation, UpdateOperation } from './operation.js';

/**
 * What to write in place of a partial update whose document is missing: the whole document, exactly one. Where its
 * content is not to be had, the metadata alone, so that a failed download never costs the document.
 */
export function wholeOf(update: UpdateOperation): Observable<IndexOperation> {
  return update.whole.pipe(
    take(1),
    catchError((error: unknown) => {
      const isAboutTheFile = error instanceof TransientError || error instanceof PermanentError;
      return isAboutTheFile ? of(metadataOnly(update, error.message)) : throwError(() => error);
    }),
    defaultIfEmpty(metadataOnly(update, 'the content could not be read again')),
  );
}

/** The operation without its content; the next run tries again, since no content version is noted. */
export function metadataOnly(operation: IndexOperation | UpdateOperation, withoutContent: string): IndexOperation {
  const { id, source, version, origin, owner } = operation;
  return {
    kind: 'index',
    id,
    source,
    content: '',
    version: { signature: version.signature, content: null },
    ...(origin && { origin }),
    withoutContent,
    owner,
  };
}
