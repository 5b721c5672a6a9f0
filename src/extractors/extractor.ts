/** What an extractor is told of the file. */
export interface FileInfo {
  readonly id: string;
  readonly name: string;
  readonly size: number | null;
  /** As `extensionOf` gives it: lower case, without the dot, empty if the name has none. */
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

/** A way to have the text of files. */
export interface Extractor {
  /**
   * Turns a file's bytes into members of its document. `bytes` is read once and to its end, or given up by throwing:
   * `TransientError` and `PermanentError` both cost the text, not the document; only the first is worth another run.
   */
  readonly extract: (file: FileInfo, bytes: AsyncIterable<Uint8Array>, signal: AbortSignal) => Promise<Extracted>;
  /** Short text that changes with every setting that changes what is extracted; part of a document's content version. */
  readonly fingerprint: string;
}
