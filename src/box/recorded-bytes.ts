import { isUtf8 } from 'node:buffer';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { RecordedBody } from './recorded-exchange.js';

/**
 * Takes the bytes of a body while they pass. Up to `inlineBytes` become part of the exchange, as text if they are one,
 * else as base64; a longer body goes into a file of its own, which appears in the folder when it is complete. Holds
 * `inlineBytes`. Errors: those of the file system.
 */
export class RecordedBytes {
  readonly #folder: string;
  readonly #name: string;
  readonly #inlineBytes: number;
  #held: Uint8Array[] = [];
  #size = 0;
  #file: FileHandle | undefined;

  constructor(folder: string, name: string, inlineBytes: number) {
    this.#folder = folder;
    this.#name = name;
    this.#inlineBytes = inlineBytes;
  }

  async add(chunk: Uint8Array): Promise<void> {
    this.#size += chunk.byteLength;
    if (this.#file === undefined && this.#size <= this.#inlineBytes) {
      this.#held.push(chunk);
      return;
    }
    this.#file ??= await open(this.#unfinished, 'w', 0o600);
    for (const part of [...this.#held, chunk]) await this.#file.writeFile(part);
    this.#held = [];
  }

  /** To be called once, whatever has happened before. */
  async end(): Promise<RecordedBody | undefined> {
    if (this.#file !== undefined) {
      await this.#file.close();
      await rename(this.#unfinished, join(this.#folder, this.#name));
      return { file: this.#name };
    }
    if (this.#size === 0) return undefined;
    const bytes = Buffer.concat(this.#held);
    return isReadable(bytes) ? { text: bytes.toString('utf8') } : { base64: bytes.toString('base64') };
  }

  get #unfinished(): string {
    return join(this.#folder, `.${this.#name}.tmp`);
  }
}

/** A text without control characters, but for tabs and line ends. */
function isReadable(bytes: Buffer): boolean {
  return isUtf8(bytes) && !bytes.some((byte) => byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d);
}
