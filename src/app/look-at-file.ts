import { fileIdentity } from './file-identity.js';
import type { PreparedTarget } from './target.js';

/** A target that is a file, as it is now. */
export function lookAtFile(path: string): PreparedTarget {
  const uuid = fileIdentity(path);
  return { uuid: uuid ?? '', created: uuid === undefined };
}
