import { randomUUID } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** A file is there for one extraction: minutes. What is older was left by a process that was killed. */
const oldestMs = 24 * 3_600_000;

const ownName = /^box-connector-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(\.[a-z0-9]{1,16})?$/;

/** Nothing of the file's own name but a harmless extension, from which the service may tell the kind. */
export function sharedName(extension: string): string {
  const kind = /^[a-z0-9]{1,16}$/.test(extension) ? `.${extension}` : '';
  return `box-connector-${randomUUID()}${kind}`;
}

/**
 * Deletes what a process that was killed has left in the folder, a day ago or more: only files that are called as these
 * are, since others may use the folder, and other connectors at this moment. What cannot be looked at is left for the
 * next time: whether the folder does is seen when a file is written.
 */
export async function sweepSharedFolder(folder: string, now: number): Promise<void> {
  const names = await readdir(folder).catch((): string[] => []);
  for (const name of names) {
    if (!ownName.test(name)) continue;
    const path = join(folder, name);
    try {
      const { mtimeMs } = await stat(path);
      if (now - mtimeMs >= oldestMs) await rm(path, { force: true });
    } catch {
      // Somebody else was quicker, or it is not ours to delete.
    }
  }
}
