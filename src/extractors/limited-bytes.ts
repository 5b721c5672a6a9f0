import { createHash } from 'node:crypto';
import { PermanentError, TransientError } from '../core/errors.js';

/** What came is whole, and not what was listed: as a rule it has changed since. */
export class OtherContentError extends TransientError {}

export interface ListedContent {
  /** The most that may come, inclusive. */
  readonly maxBytes: number;
  /** Length as Box listed it; `null`: not known. */
  readonly size: number | null;
  /** Hex; `null`: not known. */
  readonly sha1: string | null;
}

/**
 * Passes a download on, chunk by chunk, and holds nothing of it. Only if it ends are the bytes the listed ones: other
 * length or other SHA-1 is a `TransientError` (cut, or changed since it was listed), more than the limit where no
 * length was listed a `PermanentError`. It stops at the first chunk that is too much, and then closes the download.
 */
export async function* limitedBytes(
  bytes: AsyncIterable<Uint8Array>,
  { maxBytes, size, sha1 }: ListedContent,
): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = sha1 === null ? null : createHash('sha1');
  let length = 0;
  for await (const chunk of bytes) {
    length += chunk.length;
    if (size !== null && length > size)
      throw new OtherContentError(notAsListed(`more than ${size} bytes came`, `the listed ${size}`));
    if (length > maxBytes) {
      throw new PermanentError(
        `Cannot download the content: more than ${maxBytes} bytes came, expected no more than the limit; ` +
          'raise service.max_file_download_size to have its text',
      );
    }
    hash?.update(chunk);
    yield chunk;
  }
  if (size !== null && length !== size)
    throw new TransientError(notAsListed(`${length} bytes came`, `the listed ${size}`));
  const digest = hash?.digest('hex');
  if (digest !== undefined && digest !== sha1?.toLowerCase()) {
    throw new OtherContentError(notAsListed(`its SHA-1 is ${digest}`, `the listed ${sha1 ?? ''}`));
  }
}

function notAsListed(found: string, expected: string): string {
  return `Cannot download the content: ${found}, expected ${expected}; it was cut or has changed, and is tried again in the next run`;
}
