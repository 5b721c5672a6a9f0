import type { LoadedConfig } from '../config/load-config.js';
import { printable } from '../core/printable.js';
import { searchLocalIndex } from '../sinks/local-search.js';
import type { CommandContext } from './command-context.js';
import { exitCodes } from './exit-codes.js';

/** Looks into the local index and prints the hits, best first; as lines of JSON where no person reads them. */
export function searchCommand(
  { config }: LoadedConfig,
  { say, stdout }: CommandContext,
  { text, limit }: { readonly text: string; readonly limit: number },
): number {
  const { path } = config.local_index;
  if (stdout.isTTY !== true) {
    for (const hit of searchLocalIndex(path, text, { limit })) say(JSON.stringify(hit));
    return exitCodes.complete;
  }
  const hits = searchLocalIndex(path, text, { limit, marks });
  if (hits.length === 0) say('Nothing found');
  for (const [position, { type, path: where, url, snippet }] of hits.entries()) {
    say(`${position + 1}. ${where}  (${type})`);
    stdout.write(`   ${bold(snippet)}\n`);
    say(`   ${url}`);
  }
  return exitCodes.complete;
}

/** Around the words that were found, until they are made bold. */
const marks = { open: '\u0001', close: '\u0002' };

function bold(snippet: string): string {
  const words = snippet.split(/(\u0001[^\u0002]*\u0002)/);
  return words
    .map((word) => (word.startsWith(marks.open) ? `\u001b[1m${oneLine(word.slice(1, -1))}\u001b[22m` : oneLine(word)))
    .join('');
}

function oneLine(text: string): string {
  return printable(text.replace(/\s+/g, ' '));
}
