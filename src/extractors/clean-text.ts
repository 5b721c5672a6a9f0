export interface TextOptions {
  /** The most UTF-8 bytes that are kept, cut between two characters. */
  readonly maxBytes: number;
  /** Squeezes every run of white space to one space and trims, as Elastic's ingest pipeline does. */
  readonly reduceWhitespace: boolean;
}

/** NUL, the replacement character that stands for what could not be decoded, and halves of surrogate pairs. */
const unusable = /[\0\ufffd\p{Surrogate}]/gu;
/** Java's `\s`, which the pipeline uses; JavaScript's would take no-break spaces as well. */
const whitespace = /[ \t\n\v\f\r]+/g;

/** Extracted text, fit for the index. */
export function cleanText(text: string, { maxBytes, reduceWhitespace }: TextOptions): string {
  const usable = text.replace(unusable, '');
  const reduced = reduceWhitespace ? usable.replace(whitespace, ' ').replace(/^ | $/g, '') : usable;
  // A character takes at most three bytes for each of its units.
  if (reduced.length * 3 <= maxBytes || Buffer.byteLength(reduced) <= maxBytes) return reduced;
  // With `stream` the decoder holds back a character that is not whole.
  return new TextDecoder().decode(Buffer.from(reduced).subarray(0, maxBytes), { stream: true });
}
