import { bulkFile, openBulkFile } from '../sinks/bulk-file.js';
import type { BulkLinesOptions } from '../sinks/bulk-lines.js';
import { lookAtFile } from './look-at-file.js';
import type { Target } from './target.js';

/**
 * A file that grows by what each run would have sent: loading all of it with `_bulk` gives the index. It cannot be read
 * back: a full run writes everything again, behind what is there, and a delete for what has gone; so does one that
 * finds another file. If it is gone, the next one begins with nothing.
 */
export function bulkFileTarget({ path }: { readonly path: string }, lines: BulkLinesOptions): Target {
  return {
    name: `the file "${path}"`,
    sink: bulkFile({ open: () => openBulkFile(path) }, lines),
    look: () => Promise.resolve(lookAtFile(path)),
    async prepare() {
      const { created } = lookAtFile(path);
      await (await openBulkFile(path)).close(true);
      return { uuid: lookAtFile(path).uuid, created };
    },
    // What is in it is what was written: nobody else counts.
    count: () => Promise.resolve(0),
    documents: null,
    requests: () => 0,
    bulk: null,
    close: () => Promise.resolve(),
  };
}
