/** The values in arrays of `size`, the last one as long as it comes. Holds one page. */
export function* inPages<T>(values: Iterable<T>, size: number): Iterable<readonly T[]> {
  let page: T[] = [];
  for (const value of values) {
    page.push(value);
    if (page.length < size) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}
