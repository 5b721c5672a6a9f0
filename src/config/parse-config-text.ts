import { LineCounter, parseDocument, type YAMLError } from 'yaml';
import { ConfigError } from '../core/errors.js';
import { inOneLine, kindOf } from './shown.js';
import { isRecord } from './format.js';

/** Deeper than any key of ours, and far from what could overflow a stack. */
const maxDepth = 32;

/**
 * Reads YAML, of which JSON is a part. An empty file has no keys. Throws a `ConfigError` with all faults of syntax,
 * each with its line; the text itself is not quoted, because it may hold secrets.
 */
export function parseConfigText(text: string, path: string): Readonly<Record<string, unknown>> {
  const lineCounter = new LineCounter();
  const refuse = (place: string, found: string, cause?: unknown) =>
    new ConfigError([`Cannot read "${inOneLine(path)}"${place}: ${found}`], { cause });
  let tree: unknown;
  try {
    // PyYAML, which Elastic's service uses, knows merge keys; `logLevel` keeps the parser from writing to stderr.
    const document = parseDocument(text, { lineCounter, prettyErrors: false, merge: true, logLevel: 'silent' });
    if (document.errors.length > 0) {
      const problems = document.errors.map((error) => {
        const { line, col } = lineCounter.linePos(error.pos[0]);
        return `Cannot read "${inOneLine(path)}" at line ${line}, column ${col}: ${describe(error, text)}`;
      });
      throw new ConfigError(problems);
    }
    tree = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw refuse('', 'its nesting or its aliases are out of bounds, expected a short YAML file', error);
  }
  if (tree === null || tree === undefined) return {};
  if (!isRecord(tree)) throw refuse('', `${kindOf(tree)}, expected keys with values such as "elasticsearch:"`);
  // An alias may stand inside what it names: such a tree has no end.
  if (isDeeperThan(tree, maxDepth)) throw refuse('', `more than ${maxDepth} levels of nesting, expected four at most`);
  return tree;
}

function describe(error: YAMLError, text: string): string {
  if (error.code === 'DUPLICATE_KEY') {
    const [, key] = /^["']?([\w.-]+)/.exec(text.slice(error.pos[0], error.pos[0] + 100)) ?? [];
    if (key !== undefined) return `the key "${key}" stands twice, expected it once`;
  }
  // What follows the colon quotes the file.
  const [message = ''] = error.message.split(':');
  return `${inOneLine(message)}, expected valid YAML`;
}

function isDeeperThan(node: unknown, levels: number): boolean {
  if (typeof node !== 'object' || node === null) return false;
  return levels === 0 || Object.values(node).some((member) => isDeeperThan(member, levels - 1));
}
