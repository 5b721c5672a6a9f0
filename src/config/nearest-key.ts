/**
 * The candidate that `name` is most likely a slip of: few letters differ, or only the section is another. Undefined if
 * none is near.
 */
export function nearestKey(name: string, candidates: Iterable<string>): string | undefined {
  let best: { key: string; distance: number } | undefined;
  for (const key of candidates) {
    const limit = Math.max(2, Math.floor(key.length / 4));
    const near = Math.abs(key.length - name.length) <= limit ? distanceOf(name, key) : Infinity;
    // A right name in a wrong place is worse than any slip within bounds, and better than nothing.
    const distance = near <= limit ? near : lastPart(key) === lastPart(name) ? 1000 : Infinity;
    if (distance < (best?.distance ?? Infinity)) best = { key, distance };
  }
  return best?.key;
}

/** Levenshtein: the least number of letters to insert, delete or change. */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let line = 1; line <= a.length; line += 1) {
    const next = [line];
    for (let column = 1; column <= b.length; column += 1) {
      const change = (row[column - 1] ?? 0) + (a[line - 1] === b[column - 1] ? 0 : 1);
      next.push(Math.min(change, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

function lastPart(key: string): string {
  return key.slice(key.lastIndexOf('.') + 1);
}
