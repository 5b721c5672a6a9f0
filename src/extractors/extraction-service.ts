import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PermanentError, TransientError } from '../core/errors.js';
import { CleanText, type TextOptions } from './clean-text.js';
import type { Extractor, FileInfo, Room } from './extractor.js';
import { JsonObjectReader } from './json-object-reader.js';
import { readChunks } from './read-chunks.js';
import { sharedName, sweepSharedFolder } from './shared-folder.js';
import { type AnswerReader, textService, type TextAnswer, type TextServiceDeps } from './text-service.js';
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
  const send = textService(deps, { service, timeoutMs, retries, retryDelayMs, maxAnswerBytes, maxTextBytes });
  const url = `${base}/extract_text/`;

  /** Once, before the first file of a run is written. */
  let swept: Promise<void> | undefined;

  const reader = () => new ExtractedText({ maxBytes: maxTextBytes, reduceWhitespace });

  async function sendContent(name: string, bytes: AsyncIterable<Uint8Array>, signal: AbortSignal, room: Room) {
    const chunks = await readChunks(bytes);
    if (chunks.length === 0) return null;
    const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    const headers = { ...accept, 'Content-Type': 'application/octet-stream', 'Content-Length': String(length) };
    return send({ name, url, headers, chunks, reader }, room, signal);
  }

  async function sendPointer(
    folder: string,
    { name, extension }: FileInfo,
    bytes: AsyncIterable<Uint8Array>,
    signal: AbortSignal,
    room: Room,
  ) {
    swept ??= sweepSharedFolder(folder, deps.clock.now());
    await swept;
    const path = join(folder, sharedName(extension));
    try {
      if ((await writeNew(path, bytes)) === 0) return null;
      const pointer = `${url}?local_file_path=${encodeURIComponent(path)}`;
      return await send({ name, url: pointer, headers: accept, chunks: [], reader }, room, signal);
    } finally {
      await onDisk('delete', path, rm(path, { force: true }));
    }
  }

  return {
    fingerprint: `extraction_service ${JSON.stringify([maxTextBytes, reduceWhitespace])}`,
    extract: async (file, bytes, signal, room) => {
      const answer =
        sharedVolumeDir === undefined
          ? await sendContent(file.name, bytes, signal, room)
          : await sendPointer(sharedVolumeDir, file, bytes, signal, room);
      if (answer === null) return { members: '' };
      return { members: `"body":${extractedText(file.name, service, answer)}` };
    },
  };
}

/** The text in an answer of the service, and its words where there is none. */
class ExtractedText implements AnswerReader {
  readonly text: CleanText;
  readonly object: JsonObjectReader;

  constructor(options: TextOptions) {
    this.text = new CleanText(options);
    this.object = new JsonObjectReader({ long: 'extracted_text', text: this.text, small: ['error', 'message'] });
  }

  add(part: string): void {
    this.object.add(part);
  }

  get heldBytes(): number {
    return this.text.heldBytes;
  }
}

const accept = { Accept: 'application/json' };

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

/** JSON of the text. */
function extractedText(name: string, service: string, { reader, length, cut }: TextAnswer<ExtractedText>): string {
  const cannot = `Cannot extract the text of "${name}": ${service}`;
  if (cut) throw new PermanentError(`${cannot} answered with more than ${length} bytes, expected no more`);
  const { object, text } = reader;
  if (!object.isObject) throw new TransientError(`${cannot} answered with no JSON object; check its address`);
  const error = object.small('error');
  if (error !== undefined && error !== 'null') {
    const report = `${cannot} reports "${shown(error)}" (${shown(object.small('message'))})`;
    if (isFileFault(error))
      throw new PermanentError(`${report}: the file is damaged, encrypted or of a kind that it does not read`);
    throw new TransientError(`${report}; the file is tried again in the next run`);
  }
  if (!object.hasText) throw new TransientError(`${cannot} answered without "extracted_text"; check its version`);
  return text.toJson();
}

/** The service's words for what lies in the file; all others are about itself. */
function isFileFault(error: string): boolean {
  return error === '"Content Extraction Error"' || error === '"Unprocessable Entity"';
}

/** A text as it is, anything else as its JSON; on one line. */
function shown(json: string | undefined): string {
  return textIn(json ?? '"no message"')
    .replace(/\s+/g, ' ')
    .slice(0, 200);
}

function textIn(json: string): string {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'string' ? value : json;
  } catch {
    // Its end is missing.
    return json.replace(/^"/, '');
  }
}
