export interface TextOptions {
  /** The most UTF-8 bytes that are kept, cut between two characters. */
  readonly maxBytes: number;
  /** Squeezes every run of white space to one space and trims, as Elastic's ingest pipeline does. */
  readonly reduceWhitespace: boolean;
}

/**
 * NUL, byte order marks, the replacement character that stands for what could not be decoded, and halves of surrogate
 * pairs.
 */
const unusable = /[\0\ufeff\ufffd\p{Surrogate}]/gu;
/** Java's `\s`, which the pipeline uses; JavaScript's would take no-break spaces as well. */
const whitespace = /[ \t\n\v\f\r]+/g;
const firstHalf = /[\ud800-\udbff]$/;
const wide = /[^\0-\u00ff]/;

/**
 * Makes extracted text fit for the index: comes in parts, is cleaned part by part and kept as JSON, so that of a long
 * text neither the raw nor the cleaned form is ever held whole beside it. Where the parts are cut makes no difference.
 */
export class CleanText {
  readonly #options: TextOptions;
  readonly #parts: string[] = [];
  /** Of the text, without the escapes of JSON. */
  #bytes = 0;
  #held = 0;
  #full = false;
  /** Half a character, whose other half may come. */
  #half = '';
  /** White space that is kept as one space if more text comes. */
  #isSpaceOwed = false;

  constructor(options: TextOptions) {
    this.#options = options;
  }

  add(part: string): void {
    if (this.#full) return;
    let text = this.#half + part;
    this.#half = firstHalf.exec(text)?.[0] ?? '';
    if (this.#half !== '') text = text.slice(0, -1);
    const usable = text.replace(unusable, '');
    this.#keep(this.#options.reduceWhitespace ? this.#reduced(usable) : usable);
  }

  /** Forgets what it was given. */
  clear(): void {
    this.#parts.length = 0;
    this.#bytes = 0;
    this.#held = 0;
    this.#full = false;
    this.#half = '';
    this.#isSpaceOwed = false;
  }

  /** What it takes in memory: a character outside Latin-1 makes its whole part twice as large. */
  get heldBytes(): number {
    return this.#held;
  }

  /** The text as JSON. */
  toJson(): string {
    return `"${this.#parts.join('')}"`;
  }

  #reduced(usable: string): string {
    const squeezed = usable.replace(whitespace, ' ');
    if (squeezed === '') return '';
    const isSpaceOwed = this.#isSpaceOwed || squeezed.startsWith(' ');
    const text = squeezed.replace(/^ | $/g, '');
    this.#isSpaceOwed = text === '' ? isSpaceOwed : squeezed.endsWith(' ');
    return text !== '' && isSpaceOwed && this.#bytes > 0 ? ` ${text}` : text;
  }

  #keep(text: string): void {
    if (text === '') return;
    const room = this.#options.maxBytes - this.#bytes;
    const bytes = Buffer.byteLength(text);
    this.#full = bytes > room;
    this.#bytes += bytes;
    const kept = this.#full ? cutAt(text, room) : text;
    if (kept === '') return;
    const json = JSON.stringify(kept).slice(1, -1);
    this.#parts.push(json);
    this.#held += wide.test(json) ? json.length * 2 : json.length;
  }
}

/** With `stream` the decoder holds back a character that is not whole. */
function cutAt(text: string, bytes: number): string {
  return new TextDecoder().decode(Buffer.from(text).subarray(0, bytes), { stream: true });
}
