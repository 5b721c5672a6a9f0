import { constants } from 'node:buffer';
import { PermanentError } from '../core/errors.js';
import type { Extractor } from './extractor.js';

/** What of the ingest pipeline decides about the text. */
export interface IngestAttachmentOptions {
  readonly pipeline: string;
  readonly reduceWhitespace: boolean;
  readonly runMlInference: boolean;
}

/**
 * Leaves the extraction to Elasticsearch: the file goes along as base64 in `_attachment`, and the ingest pipeline makes
 * `body` of it. The base64 is made chunk by chunk, so raw bytes and encoded text are never both whole; the encoded text
 * (4/3 of the file) stays until the document is settled. A file that turns out to be empty gives no member.
 */
export function ingestAttachment(options: IngestAttachmentOptions): Extractor {
  const { pipeline, reduceWhitespace, runMlInference } = options;
  return {
    fingerprint: `ingest_attachment ${JSON.stringify([pipeline, reduceWhitespace, runMlInference])}`,
    // Four characters, of a byte each, for every three bytes.
    reserve: (size) => Math.ceil(size / 3) * 4,
    extract: async (file, bytes) => {
      let encoded = '';
      let rest: Uint8Array = new Uint8Array();
      for await (const chunk of bytes) {
        if (encoded.length + chunk.length * 2 > longestText) throw tooLong(file.name);
        const joined = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
        // Three bytes make four characters: only whole threes can be encoded before the end.
        const whole = joined.length - (joined.length % 3);
        encoded += base64(joined.subarray(0, whole));
        rest = Buffer.from(joined.subarray(whole));
      }
      encoded += base64(rest);
      return { members: encoded === '' ? '' : `"_attachment":"${encoded}"` };
    },
  };
}

/** What a text can have, with a document's metadata beside it; Elasticsearch itself takes far less. */
const longestText = constants.MAX_STRING_LENGTH - 65_536;

function tooLong(name: string): PermanentError {
  return new PermanentError(
    `Cannot send the content of "${name}": as base64 it has more than ${longestText} characters, expected no more; ` +
      'lower service.max_file_download_size',
  );
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
}
