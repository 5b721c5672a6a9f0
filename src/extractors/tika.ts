import { TransientError } from '../core/errors.js';
import { CleanText } from './clean-text.js';
import type { Extractor } from './extractor.js';
import { fileNameHeader } from './file-name-header.js';
import { readChunks } from './read-chunks.js';
import { textService, type TextServiceDeps } from './text-service.js';

export interface TikaOptions {
  /** Where Apache Tika server listens, for example `http://127.0.0.1:9998`. */
  readonly url: string;
  readonly reduceWhitespace: boolean;
  /** What is kept of a text, in UTF-8 bytes; the rest is cut off. Default: 5 MiB. */
  readonly maxTextBytes?: number;
  /** For one try. Default: 30 s. */
  readonly timeoutMs?: number;
  /** Default: 2. */
  readonly retries?: number;
  /** Default: 500. */
  readonly retryDelayMs?: number;
}

/**
 * Text by an Apache Tika server, into `body`. OCR is not asked for: it takes minutes where text takes milliseconds.
 *
 * The file is read to its end, and so proven whole, before Tika is asked; its bytes are held until the answer is there
 * (they are in the budget), so that a retry does not download again. Errors: see `TextService`.
 */
export function tika(deps: TextServiceDeps, options: TikaOptions): Extractor {
  const { reduceWhitespace, maxTextBytes = 5_242_880, timeoutMs = 30_000, retries = 2, retryDelayMs = 500 } = options;
  const base = options.url.replace(/\/+$/, '');
  const service = `Tika at ${base}`;
  const send = textService(deps, {
    service,
    timeoutMs,
    retries,
    retryDelayMs,
    maxAnswerBytes: maxTextBytes,
    maxTextBytes,
  });
  return {
    fingerprint: `tika ${JSON.stringify([maxTextBytes, reduceWhitespace])}`,
    extract: async ({ name }, bytes, signal, room) => {
      const chunks = await readChunks(bytes);
      if (chunks.length === 0) return { members: '' };
      const headers = {
        ...settings,
        'Content-Disposition': fileNameHeader(name),
        'Content-Length': String(chunks.reduce((length, chunk) => length + chunk.length, 0)),
      };
      const reader = () => new CleanText({ maxBytes: maxTextBytes, reduceWhitespace });
      const answer = await send({ name, url: `${base}/tika`, headers, chunks, reader }, room, signal);
      if (answer.length > 0 && answer.contentType !== 'text/plain') {
        throw new TransientError(
          `Cannot extract the text of "${name}": ${service} answered with "${answer.contentType}", expected text/plain; ` +
            'check that tika.url is the address of a Tika server',
        );
      }
      return { members: `"body":${answer.reader.toJson()}` };
    },
  };
}

const settings = {
  Accept: 'text/plain',
  // The type that makes Tika look for itself.
  'Content-Type': 'application/octet-stream',
  'X-Tika-OCRskipOcr': 'true',
  'X-Tika-PDFOcrStrategy': 'no_ocr',
};
