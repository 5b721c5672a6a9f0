import { type FileHandle, mkdir, open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Writable } from 'node:stream';

/** Where text goes, piece by piece. `write` resolves when the next piece may come: that is the backpressure. */
export interface TextTarget {
  readonly write: (text: string) => Promise<void>;
  /** Called once. `complete`: everything that there is has been written. */
  readonly close: (complete: boolean) => Promise<void>;
}

/**
 * A file that appears at `path`, whole, only when everything has been written; until then, and if that never comes, it
 * is at `<path>.partial`. Mode 0600.
 */
export async function newFile(path: string): Promise<TextTarget> {
  await mkdir(dirname(path), { recursive: true });
  const partial = `${path}.partial`;
  const file = await open(partial, 'w', 0o600);
  return {
    write: async (text) => {
      await file.writeFile(text);
    },
    close: async (complete) => {
      try {
        if (complete) await file.sync();
      } finally {
        await file.close();
      }
      if (complete) await rename(partial, path);
    },
  };
}

/**
 * A file of lines that grows from run to run, at `path`, mode 0600. What was written stays, whatever happens later; what
 * an earlier process left unfinished is cut off: a line without its end, and a last line that `needsAnother`.
 */
export async function growingFile(path: string, needsAnother: (line: string) => boolean): Promise<TextTarget> {
  await mkdir(dirname(path), { recursive: true });
  const file = await open(path, 'a+', 0o600);
  try {
    const { size } = await file.stat();
    const end = await endOfLine(file, size);
    const start = await endOfLine(file, end - 1);
    const length = end - start;
    const { buffer } = await file.read(Buffer.alloc(Math.min(length, longestAction)), 0, null, start);
    const isUnfinished = length <= longestAction && needsAnother(buffer.toString('utf8').trimEnd());
    await file.truncate(isUnfinished ? start : end);
  } catch (error) {
    await file.close();
    throw error;
  }
  return {
    write: async (text) => {
      await file.writeFile(text);
    },
    close: async () => {
      try {
        await file.sync();
      } finally {
        await file.close();
      }
    },
  };
}

/** A stream that somebody else owns, standard output for example; it is not ended. */
export function openStream(stream: Writable): TextTarget {
  return {
    write: (text) =>
      new Promise((resolve, reject) => {
        stream.write(text, (error) => {
          if (error) reject(error);
          else resolve();
        });
      }),
    close: () => Promise.resolve(),
  };
}

const newline = 0x0a;
/** A last line that is longer is no action line. Bytes. */
const longestAction = 65_536;

/** Number of bytes up to and with the last newline before `before`, looked for backwards; 0 without one. */
async function endOfLine(file: FileHandle, before: number): Promise<number> {
  const chunk = Buffer.alloc(65_536);
  for (let end = before; end > 0;) {
    const start = Math.max(0, end - chunk.length);
    const { bytesRead } = await file.read(chunk, 0, end - start, start);
    const position = chunk.subarray(0, bytesRead).lastIndexOf(newline);
    if (position !== -1) return start + position + 1;
    end = start;
  }
  return 0;
}
