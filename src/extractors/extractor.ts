/** What an extractor is told of the file. */
export interface FileInfo {
  readonly id: string;
  readonly name: string;
  readonly size: number | null;
  readonly extension: string;
}

/**
 * What came out: the JSON text of the document's further members (for example `"body":"..."`), ready to be joined to
 * the metadata. `holdsBytes` is true where the raw content itself is in it, so that its bytes stay in the budget until
 * the document is settled.
 */
export interface Extracted {
  readonly members: string;
  readonly holdsBytes: boolean;
}

/**
 * Turns a file's bytes into members of its document. `bytes` is read once and to its end, or given up by throwing:
 * `TransientError` and `PermanentError` both cost the text, not the document.
 */
export type Extractor = (file: FileInfo, bytes: AsyncIterable<Uint8Array>, signal: AbortSignal) => Promise<Extracted>;
