import type { LoadedConfig } from '../config/load-config.js';
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
  const hits = searchLocalIndex(path, text, { limit, marks: { open: '\u001b[1m', close: '\u001b[22m' } });
  if (hits.length === 0) say('Nothing found');
  for (const [position, { type, path: where, url, snippet }] of hits.entries()) {
    say(`${position + 1}. ${oneLine(where)}  (${type})`);
    say(`   ${oneLine(snippet)}`);
    say(`   ${oneLine(url)}`);
  }
  return exitCodes.complete;
}

/** Names and texts are other people's: they must not move the cursor. The marks of a hit are ours. */
function oneLine(text: string): string {
  return text.replace(/\u001b(?!\[(?:1|22)m)|[\u0000-\u001a\u001c-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ');
}
