import { statSync } from 'node:fs';

/** Tells a file from another one that was later made at the same path; `undefined` if there is none. */
export function fileIdentity(path: string): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? undefined : `${stat.ino}-${Math.trunc(stat.birthtimeMs)}`;
}
