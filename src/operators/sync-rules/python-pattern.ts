import { RE2JS } from 're2js';

/**
 * A regular expression that was written for Python's `re.match`, run in linear time by RE2: anchored at the start and not
 * at the end. Returns the test, or throws RE2's error where the pattern is wrong or needs what linear time cannot give
 * (look-around, back-references, atomic groups, repeats above 1,000).
 *
 * `\d \w \s` and their opposites mean Unicode, `$` also stands before a last newline, `{,3}` and `\Z` are understood, all
 * as in Python. Only `\b` and `\B` know ASCII words alone.
 */
export function pythonPattern(pattern: string): (text: string) => boolean {
  const translated = translate(pattern);
  // Alone first: inside the group a stray ")" would go unseen.
  RE2JS.compile(translated);
  const compiled = RE2JS.compile(`\\A(?:${translated})`);
  if (!pattern.includes('$')) return (text) => compiled.test(text);
  return (text) => compiled.test(text) || (text.endsWith('\n') && compiled.test(text.slice(0, -1)));
}

const digits = '\\p{Nd}';
const word = '\\p{L}\\p{N}_';
const space = '\\t-\\r\\x1c-\\x20\\x{85}\\p{Z}';
// RE2 has no negated class inside a class, so the opposites are written out.
const connectors = '\\x{203f}\\x{2040}\\x{2054}\\x{fe33}\\x{fe34}\\x{fe4d}-\\x{fe4f}\\x{ff3f}';
const notWord = `\\p{M}\\p{Pd}\\p{Ps}\\p{Pe}\\p{Pi}\\p{Pf}\\p{Po}\\p{S}\\p{Z}\\p{Cc}\\p{Cf}\\p{Co}${connectors}`;
const notSpace =
  '\\x00-\\x08\\x0e-\\x1b\\x21-\\x{84}\\x{86}-\\x{9f}\\x{a1}-\\x{167f}\\x{1681}-\\x{1fff}\\x{200b}-\\x{2027}' +
  '\\x{202a}-\\x{202e}\\x{2030}-\\x{205e}\\x{2060}-\\x{2fff}\\x{3001}-\\x{10ffff}';

const outside: Readonly<Record<string, string>> = {
  d: digits,
  D: '\\P{Nd}',
  w: `[${word}]`,
  W: `[^${word}]`,
  s: `[${space}]`,
  S: `[^${space}]`,
  Z: '\\z',
};
const inside: Readonly<Record<string, string>> = {
  d: digits,
  D: '\\P{Nd}',
  w: word,
  W: notWord,
  s: space,
  S: notSpace,
  b: '\\x08',
};

/** Walks over escapes, classes and open repeats; all else is the same in both languages. */
const parts = /\\(?:u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[^])|\[\^?\]?|\]|\{,\d*\}|[^]/gu;

function translate(pattern: string): string {
  let inClass = false;
  return pattern.replace(parts, (part) => {
    if (part.startsWith('\\') && part.length > 1) return escape(part, inClass);
    if (inClass) {
      if (part === ']') inClass = false;
      // A bracket in a class is itself in Python; in RE2 `[:` begins a named class.
      return part.startsWith('[') ? bracketInClass(part, () => (inClass = false)) : part;
    }
    if (part.startsWith('[')) inClass = true;
    return part.startsWith('{,') ? `{0${part.slice(1)}` : part;
  });
}

function bracketInClass(part: string, close: () => void): string {
  if (part.endsWith(']')) close();
  return `\\${part}`;
}

function escape(part: string, inClass: boolean): string {
  if (part.length > 2 && (part[1] === 'u' || part[1] === 'U')) return `\\x{${part.slice(2)}}`;
  const escaped = part.slice(1);
  const known = (inClass ? inside : outside)[escaped];
  if (known !== undefined) return known;
  // Python lets any character that is no ASCII letter or digit be escaped, RE2 only the ASCII ones.
  return escaped > '\x7f' ? escaped : part;
}
