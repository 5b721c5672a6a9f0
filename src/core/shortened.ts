/** Reasons and names are other people's, and may be of any length: what is kept and shown of them is not. */
export const longestReason = 2_000;
/** Of a path, the end is kept: it says most. Far longer than any that a person has made. */
export const longestPath = 8_000;

/** The beginning of a text, at most `most` characters, and `...` behind it if it goes on. Never half a character. */
export function shortened(text: string, most: number = longestReason): string {
  if (text.length <= most) return text;
  return `${text.slice(0, isHalf(text, most) ? most - 1 : most)}...`;
}

/** The end of a path that is too long, behind `...`; any other stays as it is, and so begins with a slash. */
export function shortenedPath(path: string, most: number = longestPath): string {
  if (path.length <= most) return path;
  const from = path.length - most;
  return `...${path.slice(isHalf(path, from) ? from + 1 : from)}`;
}

/** Whether a cut before `at` would divide a surrogate pair. */
function isHalf(text: string, at: number): boolean {
  return (text.codePointAt(at - 1) ?? 0) > 0xffff;
}
