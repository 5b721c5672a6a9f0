/** Elasticsearch allows no longer ids. */
const longestId = 512;

/** Why Elasticsearch cannot have a document of this id; `undefined`: it can. It would refuse, or change, more than this one. */
export function documentIdProblem(id: string): string | undefined {
  if (id === '') return 'its document id is empty';
  // No text of this many characters has fewer bytes, and none below a third has more.
  const bytes = id.length * 3 <= longestId ? 0 : Buffer.byteLength(id);
  if (bytes > longestId) return `its document id has ${bytes} bytes, expected at most ${longestId}`;
  return /\p{Surrogate}/u.test(id)
    ? `its document id ${JSON.stringify(id)} has half a surrogate pair, which Elasticsearch would change`
    : undefined;
}
