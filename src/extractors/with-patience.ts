import { ConnectorError, PermanentError, TransientError } from '../core/errors.js';
import { messageOf } from '../core/message-of.js';
import type { Extractor, FileInfo } from './extractor.js';

/** How often the text of a content was tried in vain, kept from run to run until the index has it. */
export interface Tries {
  count(tried: { readonly id: string; readonly content: string }): number;
  failed(tried: { readonly id: string; readonly content: string }): number;
}

export interface PatienceDeps {
  readonly tries: Tries;
  /** Told once of each owner whose files are put off. */
  readonly onPutOff?: (reason: string) => void;
}

export interface PatienceOptions {
  /** After so many tries in vain a content is done with, without text. */
  readonly maxTries: number;
  /** Files of one owner that fail in a run, above which the owner has one place only. Default: 3. */
  readonly failuresOfOwner?: number;
}

interface Owner {
  failures: number;
  underWay: number;
  isPutOff: boolean;
}

/**
 * An extractor whose patience has an end, in time and in room: a file over which it fails again and again is done with,
 * and one person's such files do not take the places of everybody else's.
 *
 * A try counts only if it was the file's fault: the service has taken another text since the try began, or takes a small
 * one now. A service that is down, or slow with everything, and a download that fails use up nothing. One extractor
 * belongs to one run.
 */
export function withPatience(
  inner: Extractor,
  { tries, onPutOff = () => {} }: PatienceDeps,
  { maxTries, failuresOfOwner = 3 }: PatienceOptions,
): Extractor {
  const owners = new Map<string, Owner>();
  /** Texts that were had in this run. */
  let extracted = 0;
  let proof: Promise<boolean> | undefined;

  const ownerOf = (file: FileInfo): Owner => {
    const id = file.owner ?? '';
    const known = owners.get(id);
    if (known !== undefined) return known;
    const owner = { failures: 0, underWay: 0, isPutOff: false };
    owners.set(id, owner);
    return owner;
  };

  const prove = async (signal: AbortSignal): Promise<boolean> => {
    try {
      await inner.extract(sample, sampleContent(), signal, { grow: () => Promise.resolve() });
      extracted += 1;
      return true;
    } catch {
      return false;
    } finally {
      proof = undefined;
    }
  };

  /** Whether the service works: it has since there were `before` texts, or it does now. */
  const works = (before: number, signal: AbortSignal): Promise<boolean> | true =>
    extracted > before || (proof ??= prove(signal));

  const admit = (file: FileInfo): (() => void) => {
    const count = tries.count(file);
    if (count >= maxTries) throw givenUp(file.name, count, 'see the runs before');
    const owner = ownerOf(file);
    // With nobody else there is nobody to keep places for.
    if (owners.size > 1 && owner.failures >= failuresOfOwner && owner.underWay > 0) {
      const reason = `${owner.failures} files of the user ${file.owner ?? ''} have failed in this run, expected fewer than ${failuresOfOwner}, so that only one of them is tried at a time; the others wait for the next run`;
      if (!owner.isPutOff) onPutOff(reason);
      owner.isPutOff = true;
      throw new TransientError(`Cannot extract the text of "${file.name}": ${reason}`);
    }
    const leave = inner.admit?.(file);
    owner.underWay += 1;
    return () => {
      owner.underWay -= 1;
      leave?.();
    };
  };

  const extract: Extractor['extract'] = async (file, bytes, signal, room) => {
    const before = extracted;
    const download = { hasFailed: false };
    try {
      const result = await inner.extract(file, watched(bytes, download), signal, room);
      extracted += 1;
      return result;
    } catch (error) {
      if (signal.aborted || download.hasFailed || !mayBeTheFile(error)) throw error;
      if (!(await works(before, signal))) throw error;
      ownerOf(file).failures += 1;
      const count = tries.failed(file);
      throw count < maxTries ? error : givenUp(file.name, count, messageOf(error), error);
    }
  };

  return { ...inner, admit, extract };
}

/** What the service is proven with. */
const sample: FileInfo = { id: '', name: 'sample.txt', size: null, extension: 'txt', content: '', owner: null };

// eslint-disable-next-line @typescript-eslint/require-await
async function* sampleContent(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('A text that anybody can read.');
}

async function* watched(
  bytes: AsyncIterable<Uint8Array>,
  download: { hasFailed: boolean },
): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (error) {
    download.hasFailed = true;
    throw error;
  }
}

/** Whoever writes an extractor throws what its parser throws. */
function mayBeTheFile(error: unknown): boolean {
  return error instanceof TransientError || !(error instanceof ConnectorError);
}

function givenUp(name: string, count: number, last: string, cause?: unknown): PermanentError {
  const reason = last.replace('; the file is tried again in the next run', '');
  return new PermanentError(
    `Cannot extract the text of "${name}": it failed in ${count} tries, expected to succeed within extraction.max_tries; ` +
      `this version of the file is done with, and "retry-texts" has it tried again. The last reason: ${reason}`,
    { cause },
  );
}
