import { createHash } from 'node:crypto';

/** A file system takes 255; what stands behind the name (`.state.sqlite-journal`, `.damaged`) needs some of them. */
const longestName = 220;

/**
 * The beginning of the name of a state file: the text itself, or, where no file can be called so, a hash of it. That
 * begins as no index does (`_`) and has what the encoded id of a connector has not (`.`), so that it is nobody else's.
 */
export function stateFileName(text: string): string {
  if (Buffer.byteLength(text) <= longestName) return text;
  return `_.${createHash('sha256').update(text).digest('hex')}`;
}
