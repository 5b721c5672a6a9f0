import type { Writable } from 'node:stream';
import { bulkFile } from '../sinks/bulk-file.js';
import type { BulkLinesOptions } from '../sinks/bulk-lines.js';
import { openStream } from '../sinks/text-target.js';
import type { Target } from './target.js';

/** In place of `target`: reads it to know what would be sent, and writes that to `out` in the format of `_bulk`. */
export function dryRunTarget(target: Target, out: Writable, lines: BulkLinesOptions): Target {
  let isMissing = false;
  return {
    ...target,
    name: `standard output, in place of ${target.name}`,
    sink: bulkFile({ open: () => Promise.resolve(openStream(out)) }, lines),
    async prepare(signal) {
      const found = await target.look(signal);
      isMissing = found.created;
      return found;
    },
    count: (signal) => (isMissing ? Promise.resolve(0) : target.count(signal)),
    requests: () => 0,
    bulk: null,
  };
}
