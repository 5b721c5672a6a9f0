import { type Log, makeLog } from '../../src/app/log.js';

/** A log that keeps its lines as text. */
export function quietLog(): { readonly log: Log; readonly text: () => string } {
  let text = '';
  const log = makeLog({ level: 'debug', readable: true, version: 'test' }, { write: (line) => void (text += line) });
  return { log, text: () => text };
}
