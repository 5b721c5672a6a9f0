import type { RepeatReason } from '../box/http-client.js';
import { AbortedError, TransientError } from '../core/errors.js';
import { type RetryPolicy, retrying } from '../core/retry.js';
import { OtherContentError } from './limited-bytes.js';

/**
 * Opens a body and has it read, and does both again from the beginning when the body was cut: by the network, by a stall,
 * or with fewer bytes than were listed. Bytes other than the listed ones (`OtherContentError`) are asked for once more
 * only: as a rule the file has changed. What `open` fails with has been tried again already, and what `read` fails with
 * by itself is not the body's fault: both end it.
 *
 * Holds nothing of the body. Without a policy it is read once.
 */
export async function retriedBody<T>(
  open: (signal: AbortSignal, repeat: RepeatReason | undefined) => Promise<AsyncIterable<Uint8Array>>,
  read: (bytes: AsyncIterable<Uint8Array>, signal: AbortSignal) => Promise<T>,
  policy: RetryPolicy | undefined,
  signal: AbortSignal,
): Promise<T> {
  let cut: unknown;
  let others = 0;
  const once = async (aborts: AbortSignal, failure: unknown): Promise<T> => {
    // A body that nobody begins to read would keep its connection: it ends with the try.
    const end = new AbortController();
    const ends = AbortSignal.any([aborts, end.signal]);
    try {
      const bytes = await open(ends, failure === undefined ? undefined : 'network');
      cut = undefined;
      const watched = watch(bytes, (error) => (cut = error));
      const result = await read(watched, ends);
      // Whoever takes a part for the whole has not noticed.
      if (cut !== undefined) throw asError(cut);
      return result;
    } catch (error) {
      // The reader may have its own words for a body that ends in an error.
      throw cut === undefined ? error : asError(cut);
    } finally {
      end.abort();
    }
  };
  if (policy === undefined) return once(signal, undefined);
  const isTransient = (error: unknown) => {
    if (cut === undefined || error !== cut || !(error instanceof TransientError)) return false;
    return !(error instanceof OtherContentError) || (others += 1) <= 1;
  };
  return retrying(once, { ...policy, isTransient }, signal);
}

async function* watch(
  bytes: AsyncIterable<Uint8Array>,
  onError: (error: unknown) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* bytes;
  } catch (error) {
    if (!(error instanceof AbortedError)) onError(error);
    throw error;
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
