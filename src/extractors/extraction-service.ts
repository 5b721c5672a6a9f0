import { randomUUID } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PermanentError, TransientError } from '../core/errors.js';
import { cleanText } from './clean-text.js';
import type { Extractor, FileInfo } from './extractor.js';
import { readChunks } from './read-chunks.js';
import { textService, type TextAnswer, type TextServiceDeps } from './text-service.js';
import { messageOf } from '../core/message-of.js';

export interface ExtractionServiceOptions {
  /** Address of Elastic's data extraction service, for example `http://localhost:8090`. */
  readonly host: string;
  /**
   * A folder that this process and the service both see under this path: files are written there and only their path is
   * sent (`use_file_pointers`). `undefined`: the content itself is sent.
   */
  readonly sharedVolumeDir?: string | undefined;
  readonly reduceWhitespace: boolean;
  /** What is kept of a text, in UTF-8 bytes; the rest is cut off. An answer may be 4 times as large. Default: 5 MiB. */
  readonly maxTextBytes?: number;
  /** For one try. Default: 30 s. */
  readonly timeoutMs?: number;
  /** Default: 2. */
  readonly retries?: number;
  /** Default: 500. */
  readonly retryDelayMs?: number;
}

/**
 * Text by Elastic's data extraction service, into `body`.
 *
 * The file is read to its end, and so proven whole, before the service is asked; until the answer is there its bytes are
 * held (they are in the budget) or, with a shared folder, on disk, so that a retry does not download again. Errors: see
 * `TextService`; what the service reports about the file itself is a `PermanentError`.
 */
export function extractionService(deps: TextServiceDeps, options: ExtractionServiceOptions): Extractor {
  const { sharedVolumeDir, reduceWhitespace, maxTextBytes = 5_242_880, timeoutMs = 30_000 } = options;
  const { retries = 2, retryDelayMs = 500 } = options;
  const base = options.host.replace(/\/+$/, '');
  const maxAnswerBytes = maxTextBytes * 4 + 65_536;
  const service = `the extraction service at ${base}`;
  const send = textService(deps, { service, timeoutMs, retries, retryDelayMs, maxAnswerBytes });
  const url = `${base}/extract_text/`;

  async function sendContent(name: string, bytes: AsyncIterable<Uint8Array>, signal: AbortSignal) {
    const chunks = await readChunks(bytes);
    if (chunks.length === 0) return null;
    const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    const headers = { ...accept, 'Content-Type': 'application/octet-stream', 'Content-Length': String(length) };
    return send({ name, url, headers, chunks }, signal);
  }

  async function sendPointer(folder: string, file: FileInfo, bytes: AsyncIterable<Uint8Array>, signal: AbortSignal) {
    const path = join(folder, sharedName(file.extension));
    try {
      if ((await writeNew(path, bytes)) === 0) return null;
      const pointer = `${url}?local_file_path=${encodeURIComponent(path)}`;
      return await send({ name: file.name, url: pointer, headers: accept, chunks: [] }, signal);
    } finally {
      await onDisk('delete', path, rm(path, { force: true }));
    }
  }

  return {
    fingerprint: `extraction_service ${JSON.stringify([maxTextBytes, reduceWhitespace])}`,
    extract: async (file, bytes, signal) => {
      const answer =
        sharedVolumeDir === undefined
          ? await sendContent(file.name, bytes, signal)
          : await sendPointer(sharedVolumeDir, file, bytes, signal);
      if (answer === null) return { members: '' };
      const body = cleanText(extractedText(file.name, service, answer), { maxBytes: maxTextBytes, reduceWhitespace });
      return { members: `"body":${JSON.stringify(body)}` };
    },
  };
}

const accept = { Accept: 'application/json' };

/** Nothing of the file's own name but a harmless extension, from which the service may tell the kind. */
function sharedName(extension: string): string {
  const kind = /^[a-z0-9]{1,16}$/.test(extension) ? `.${extension}` : '';
  return `${randomUUID()}${kind}`;
}

/** Returns the bytes written. */
async function writeNew(path: string, bytes: AsyncIterable<Uint8Array>): Promise<number> {
  const file = await onDisk('write', path, open(path, 'wx', 0o644));
  try {
    let length = 0;
    for await (const chunk of bytes) {
      await onDisk('write', path, file.appendFile(chunk));
      length += chunk.length;
    }
    return length;
  } finally {
    await file.close();
  }
}

async function onDisk<T>(action: string, path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new TransientError(
      `Cannot ${action} "${path}": ${messageOf(error)}, expected a folder that ` +
        'the extraction service shares; check extraction_service.shared_volume_dir',
      { cause: error },
    );
  }
}

function extractedText(name: string, service: string, { body, cut }: TextAnswer): string {
  const cannot = `Cannot extract the text of "${name}": ${service}`;
  if (cut) throw new PermanentError(`${cannot} answered with more than ${body.length} bytes, expected no more`);
  const answer = parseObject(body.toString('utf8'));
  if (answer === null) throw new TransientError(`${cannot} answered with no JSON object; check its address`);
  const { error, message, extracted_text: text } = answer;
  if (error !== undefined && error !== null) {
    const report = `${cannot} reports "${shown(error)}" (${shown(message)})`;
    if (isFileFault(error))
      throw new PermanentError(`${report}: the file is damaged, encrypted or of a kind that it does not read`);
    throw new TransientError(`${report}; the file is tried again in the next run`);
  }
  if (typeof text !== 'string')
    throw new TransientError(`${cannot} answered without "extracted_text"; check its version`);
  return text;
}

/** The service's words for what lies in the file; all others are about itself. */
function isFileFault(error: unknown): boolean {
  return error === 'Content Extraction Error' || error === 'Unprocessable Entity';
}

interface Answer {
  readonly error?: unknown;
  readonly message?: unknown;
  readonly extracted_text?: unknown;
}

function parseObject(text: string): Answer | null {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? parsed : null;
  } catch {
    return null;
  }
}

function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : ((JSON.stringify(value) as string | undefined) ?? 'no message');
  return text.replace(/\s+/g, ' ').slice(0, 200);
}
