import { createHash } from 'node:crypto';
import { seeded } from './seeded.js';
import { words } from './words.js';

/** What a file version consists of. Nothing is stored for `pool` and `filler`: their bytes are computed. */
export type Content =
  | { readonly kind: 'pool'; readonly index: number }
  | { readonly kind: 'filler'; readonly bytes: number; readonly salt: number }
  | { readonly kind: 'bytes'; readonly bytes: Buffer };

/** Smallest and largest size in bytes of the computed texts. */
export type TextBytes = number | readonly [least: number, most: number];

/** Turns contents into sizes, hashes and bytes. */
export interface Contents {
  size(content: Content): number;
  /** Lower-case hex of exactly the bytes that `bytes` gives. */
  sha1(content: Content): string;
  /** Not to be written to: pool bodies share one buffer. */
  bytes(content: Content): Buffer;
  /** The pool body for any 32-bit number; equal numbers give the same body. */
  pool(number: number): Content & { readonly kind: 'pool' };
  /** Size of a pool body by its index. */
  poolSize(index: number): number;
  /** `sha1` of a pool body by its index. */
  poolSha1(index: number): string;
}

const corpusBytes = 1 << 18;
const largeHashes = 64;

/**
 * Texts in English words. The pool has up to 4,096 distinct bodies (fewer when they are large: 64 MiB in all), cut out
 * of one buffer of 512 KiB, so that a million files cost neither memory nor hashing. Hashes are computed when first
 * asked for; of large fillers the last 64 are kept.
 */
export function contents(seed: number, textBytes: TextBytes): Contents {
  const corpus = makeCorpus(seed);
  const [least, most] = typeof textBytes === 'number' ? [textBytes, textBytes] : textBytes;
  const poolLength = Math.max(16, Math.min(4096, Math.floor((64 << 20) / Math.max(1, most))));
  const sizes = Uint32Array.from(
    { length: poolLength },
    (_, index) => least + (seeded(seed + 1, index) % (most - least + 1)),
  );
  const hashes = new Array<string | undefined>(poolLength);
  const fillerHashes = new Map<string, string>();

  const poolBytes = (index: number): Buffer => cut(corpus, (index * 61) % corpusBytes, sizes[index] ?? 0);

  const bytes = (content: Content): Buffer => {
    switch (content.kind) {
      case 'pool':
        return poolBytes(content.index);
      case 'filler':
        return cut(corpus, content.salt % corpusBytes, content.bytes);
      case 'bytes':
        return content.bytes;
    }
  };

  const poolSha1 = (index: number): string => {
    const known = hashes[index];
    if (known !== undefined) return known;
    const hash = sha1Of(poolBytes(index));
    hashes[index] = hash;
    return hash;
  };

  return {
    bytes,
    poolSha1,
    poolSize: (index) => sizes[index] ?? 0,
    pool: (number) => ({ kind: 'pool', index: number % poolLength }),
    size(content) {
      switch (content.kind) {
        case 'pool':
          return sizes[content.index] ?? 0;
        case 'filler':
          return content.bytes;
        case 'bytes':
          return content.bytes.length;
      }
    },
    sha1(content) {
      if (content.kind === 'pool') return poolSha1(content.index);
      if (content.kind === 'bytes') return sha1Of(content.bytes);
      const key = `${content.bytes}/${content.salt}`;
      const known = fillerHashes.get(key);
      if (known !== undefined) return known;
      const hash = sha1Of(bytes(content));
      const [oldest] = fillerHashes.keys();
      if (fillerHashes.size >= largeHashes && oldest !== undefined) fillerHashes.delete(oldest);
      fillerHashes.set(key, hash);
      return hash;
    },
  };
}

function sha1Of(bytes: Buffer): string {
  return createHash('sha1').update(bytes).digest('hex');
}

/** Twice the same text, so that a cut may run over the end. */
function makeCorpus(seed: number): Buffer {
  let text = '';
  for (let index = 0; text.length < corpusBytes; index += 1) {
    const word = words[seeded(seed, index) % words.length] ?? '';
    text += index % 11 === 10 ? `${word} ${index}.\n` : `${word} `;
  }
  const once = Buffer.from(text.slice(0, corpusBytes), 'latin1');
  return Buffer.concat([once, once]);
}

function cut(corpus: Buffer, start: number, length: number): Buffer {
  if (start + length <= corpus.length) return corpus.subarray(start, start + length);
  const bytes = Buffer.allocUnsafe(length);
  for (let at = 0; at < length; at += corpusBytes) {
    corpus.copy(bytes, at, start, start + Math.min(corpusBytes, length - at));
  }
  return bytes;
}
