import type { Finding } from '../sinks/elasticsearch-probe.js';
import { exitCodes } from './exit-codes.js';

/** Prints what was looked at, a line each and its advice below; the exit code is 1 if something is wrong. */
export function sayFindings(findings: readonly Finding[], say: (line: string) => void): number {
  for (const { what, ok, found, advice } of findings) {
    const [first = '', ...more] = found.split('\n');
    say(`${ok ? (advice === null ? 'ok     ' : 'warning') : 'WRONG  '} ${what}: ${first}`);
    for (const line of [...more, ...(advice === null ? [] : [advice])]) say(`        ${line}`);
  }
  return findings.every(({ ok }) => ok) ? exitCodes.complete : exitCodes.failed;
}
