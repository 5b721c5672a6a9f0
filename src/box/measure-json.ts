/** Shorter texts are bounded by their length: what they can make of memory is little more than they are. */
const short = 4 * 1024 * 1024;
/** Box nests four deep. */
const deepest = 100;
/** A page of 1,000 entries with all fields and 100 tags each has a third of this. */
const mostValues = 500_000;

const [quote, backslash, comma, openList, closeList, openObject, closeObject] = Array.from('"\\,[]{}', (character) =>
  character.charCodeAt(0),
);

/**
 * What is wrong with the measure of a JSON text before it is parsed: `[[[[...` and `{},{},...` make fifty times of memory
 * of each byte. `deep`: more than 100 nested; `many`: more than 500,000 values; `undefined`: neither, or a short text.
 */
export function measureJson(text: string): 'deep' | 'many' | undefined {
  if (text.length <= short) return undefined;
  let depth = 0;
  let values = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (character === quote) at = endOfText(text, at);
    else if (character === comma) values += 1;
    else if (character === openList || character === openObject) {
      depth += 1;
      values += 1;
      if (depth > deepest) return 'deep';
    } else if (character === closeList || character === closeObject) depth -= 1;
    if (values > mostValues) return 'many';
  }
  return undefined;
}

function endOfText(text: string, from: number): number {
  let at = from + 1;
  for (; at < text.length; at += 1) {
    const character = text.charCodeAt(at);
    if (character === backslash) at += 1;
    else if (character === quote) break;
  }
  return at;
}
