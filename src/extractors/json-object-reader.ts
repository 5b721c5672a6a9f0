/** How much is kept of the JSON of a small member. */
const longestSmall = 2_000;
const escape = /^\\(?:u[\da-fA-F]{4}|["\\/bfnrt])/;
const quoteOrEscape = /["\\]/g;
const noSpace = /\S/g;
const endOfScalar = /[\s,}]/g;

/** What takes a long text: in parts, and from its beginning again if the member comes a second time. */
export interface TextSink {
  add(part: string): void;
  clear(): void;
}

export interface JsonObjectOptions {
  /** The member whose text goes to `text`, part by part. */
  readonly long: string;
  readonly text: TextSink;
  /** Members of which the beginning of the JSON is kept. */
  readonly small: readonly string[];
}

type Place =
  'start' | 'key or end' | 'key' | 'colon' | 'value' | 'inside' | 'scalar' | 'comma or end' | 'end' | 'broken';

/**
 * Reads the JSON of one object that comes in parts, and holds nothing of it but what was asked for: an answer of any
 * length and any depth takes no more memory than its text. What is not asked for is passed over, not proven to be JSON.
 */
export class JsonObjectReader {
  readonly #options: JsonObjectOptions;
  readonly #small = new Map<string, string>();
  #place: Place = 'start';
  #depth = 0;
  #key = '';
  #inString = false;
  /** The end of a part that can be read only together with the next one. */
  #rest = '';
  #hasText = false;

  constructor(options: JsonObjectOptions) {
    this.#options = options;
  }

  add(part: string): void {
    const text = this.#rest + part;
    this.#rest = '';
    let at = 0;
    while (at < text.length && this.#place !== 'broken') {
      at = this.#inString ? this.#readString(text, at) : this.#readMark(text, at);
    }
  }

  /** Whether it was one whole object; asked at the end. */
  get isObject(): boolean {
    return this.#place === 'end';
  }

  /** Whether the long member is there and is a text. */
  get hasText(): boolean {
    return this.#hasText;
  }

  /** JSON of a small member, cut where it is long; `undefined`: not there. */
  small(name: string): string | undefined {
    return this.#small.get(name);
  }

  /** Reads up to the end of the string or of the part; returns where it goes on. */
  #readString(text: string, from: number): number {
    quoteOrEscape.lastIndex = from;
    for (let mark = quoteOrEscape.exec(text); mark !== null; mark = quoteOrEscape.exec(text)) {
      const { index } = mark;
      if (mark[0] === '"') {
        this.#stringPart(text.slice(from, index));
        this.#stringEnds();
        return index + 1;
      }
      const escaped = escape.exec(text.slice(index, index + 6))?.[0];
      if (escaped === undefined) {
        this.#stringPart(text.slice(from, index));
        if (index + 6 <= text.length) this.#place = 'broken';
        else this.#rest = text.slice(index);
        return text.length;
      }
      quoteOrEscape.lastIndex = index + escaped.length;
    }
    this.#stringPart(text.slice(from));
    return text.length;
  }

  #stringPart(raw: string): void {
    if (raw === '' || this.#place === 'broken') return;
    if (this.#place === 'key') {
      this.#key = (this.#key + raw).slice(0, longestSmall);
    } else if (this.#place === 'value' && this.#key === this.#options.long) {
      const part = unescaped(raw);
      if (part === undefined) this.#place = 'broken';
      else this.#options.text.add(part);
    } else this.#keep(raw);
  }

  #stringEnds(): void {
    this.#inString = false;
    if (this.#place === 'key') {
      this.#key = unescaped(this.#key) ?? '';
      this.#place = 'colon';
      return;
    }
    this.#keep('"');
    if (this.#place === 'value') this.#place = 'comma or end';
  }

  /** Reads what is no string; returns where it goes on. */
  #readMark(text: string, at: number): number {
    if (this.#place === 'inside') return this.#readInside(text, at);
    if (this.#place === 'scalar') return this.#readScalar(text, at);
    noSpace.lastIndex = at;
    const next = noSpace.exec(text)?.index;
    if (next === undefined) return text.length;
    return this.#step(text.charAt(next)) ? next + 1 : next;
  }

  /** Whether the mark is used up: the first character of a number or of a word is not. */
  #step(mark: string): boolean {
    const place = this.#place;
    if (place === 'value') return this.#valueBegins(mark);
    if (place === 'start' && mark === '{') this.#place = 'key or end';
    else if ((place === 'key or end' || place === 'comma or end') && mark === '}') this.#place = 'end';
    else if ((place === 'key or end' || place === 'key') && mark === '"') {
      this.#place = 'key';
      this.#key = '';
      this.#inString = true;
    } else if (place === 'colon' && mark === ':') this.#place = 'value';
    else if (place === 'comma or end' && mark === ',') this.#place = 'key';
    else this.#place = 'broken';
    return true;
  }

  #valueBegins(mark: string): boolean {
    if (this.#options.small.includes(this.#key)) this.#small.set(this.#key, '');
    if (this.#key === this.#options.long) {
      this.#options.text.clear();
      this.#hasText = mark === '"';
    }
    if (mark === '"') {
      this.#inString = true;
      this.#keep('"');
      return true;
    }
    if (mark === '{' || mark === '[') {
      this.#place = 'inside';
      this.#depth = 1;
      this.#keep(mark);
      return true;
    }
    this.#place = /[-\dtfn]/.test(mark) ? 'scalar' : 'broken';
    return false;
  }

  /** A list or an object: only its end is looked for. */
  #readInside(text: string, from: number): number {
    let at = from;
    while (at < text.length && this.#depth > 0 && !this.#inString) {
      const mark = text[at];
      if (mark === '"') this.#inString = true;
      else if (mark === '{' || mark === '[') this.#depth += 1;
      else if (mark === '}' || mark === ']') this.#depth -= 1;
      at += 1;
    }
    this.#keep(text.slice(from, at));
    if (this.#depth === 0) this.#place = 'comma or end';
    return at;
  }

  #readScalar(text: string, from: number): number {
    endOfScalar.lastIndex = from;
    const end = endOfScalar.exec(text)?.index ?? text.length;
    this.#keep(text.slice(from, end));
    if (end < text.length) this.#place = 'comma or end';
    return end;
  }

  #keep(raw: string): void {
    const kept = this.#small.get(this.#key);
    if (kept !== undefined && kept.length < longestSmall) {
      this.#small.set(this.#key, kept + raw.slice(0, longestSmall - kept.length));
    }
  }
}

function unescaped(raw: string): string | undefined {
  try {
    return JSON.parse(`"${raw}"`) as string;
  } catch {
    return undefined;
  }
}
