/** What an extractor is told of the file. */
export interface FileInfo {
  readonly id: string;
  readonly name: string;
  readonly size: number | null;
  /** As `extensionOf` gives it: lower case, without the dot, empty if the name has none. */
  readonly extension: string;
  /** Which content it is: the file's version and the settings of the extraction; see `wantedContent`. */
  readonly content: string;
  /** Id of the user who owns it; `null`: not known. */
  readonly owner: string | null;
}

/** Room for what an extraction holds beside the raw bytes. */
export interface Room {
  /**
   * Resolves once `bytes` in all may be held for this file (raw bytes, answer and text together); may wait until others
   * have given theirs back. Rejects when the work is called off.
   */
  grow(bytes: number): Promise<void>;
}

/**
 * What came out: the JSON text of the document's further members (for example `"body":"..."`), ready to be joined to
 * the metadata. It is held, and weighed by the stage, until the document is settled.
 */
export interface Extracted {
  readonly members: string;
}

/** A way to have the text of files. */
export interface Extractor {
  /**
   * Turns a file's bytes into members of its document. `bytes` is read once and to its end, or given up by throwing:
   * `TransientError` and `PermanentError` both cost the text, not the document; only the first is worth another run.
   *
   * The bytes of the file itself may be held. Whatever is held beside them needs its place in `room` first: an answer
   * can be a thousand times as large as the file.
   */
  readonly extract: (
    file: FileInfo,
    bytes: AsyncIterable<Uint8Array>,
    signal: AbortSignal,
    room: Room,
  ) => Promise<Extracted>;
  /**
   * Asked before the download: throws, as `extract` does, if this file is not to be tried now. What it returns is called
   * once the file is done with.
   */
  readonly admit?: (file: FileInfo) => () => void;
  /** What will be held of a file of this size, so that its place is taken at once. Default: the size. */
  readonly reserve?: (size: number) => number;
  /** Short text that changes with every setting that changes what is extracted; part of a document's content version. */
  readonly fingerprint: string;
}
