import type { Log } from './log.js';

/** Writes debug lines; `undefined` where nobody would see them, so that they are not even made. */
export function debugLines(log: Log, message: string): ((line: object) => void) | undefined {
  return log.isLevelEnabled('debug') ? (line) => log.debug(line, message) : undefined;
}
