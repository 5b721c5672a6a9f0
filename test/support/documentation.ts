import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from './source-files.js';

/** A fenced block of a page. */
export interface DocBlock {
  readonly page: string;
  /** Page and line, for messages. */
  readonly place: string;
  readonly language: string;
  /** Its fence says `not-run`: the page says why. */
  readonly isRun: boolean;
  readonly text: string;
}

/** The pages that are written for people, below the project's folder. */
export const docPages: readonly string[] = [
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'],
  ...markdownIn('docs'),
  ...markdownIn('config'),
];

export function readDocPage(page: string): string {
  return readFileSync(join(projectFolder, page), 'utf8');
}

/** Also those that are indented in a list. */
export function docBlocks(page: string): readonly DocBlock[] {
  const text = readDocPage(page);
  return [...text.matchAll(/^( *)```(\w*)([^\n]*)\n([\s\S]*?)^ *```$/gm)].map(
    ([, indent = '', language = '', rest = '', body = ''], index) => ({
      page,
      place: `${page}:${lineOf(text, index)}`,
      language,
      isRun: !rest.split(' ').includes('not-run'),
      text: body.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    }),
  );
}

/** A table of a page, its cells as they are written; the first row is the header. */
export function docTables(page: string): readonly (readonly (readonly string[])[])[] {
  const tables: (readonly string[])[][] = [];
  let inTable = false;
  for (const line of readDocPage(page).split('\n')) {
    const isRow = line.startsWith('|');
    if (isRow && !inTable) tables.push([]);
    inTable = isRow;
    if (isRow && !/^\|[\s|:-]+\|$/.test(line)) tables.at(-1)?.push(cellsOf(line));
  }
  return tables;
}

/** The one table of a page whose header begins with these words, without the header. */
export function docTable(page: string, ...header: readonly string[]): readonly (readonly string[])[] {
  const found = docTables(page).filter(([first]) => header.every((word, column) => first?.[column] === word));
  const [table] = found;
  if (table === undefined || found.length > 1) {
    throw new Error(`${page} has ${found.length} tables with the header ${header.join(' | ')}, expected one`);
  }
  return table.slice(1);
}

/** The texts in backticks; a `\|` of a table is `|`. */
export function codeIn(text: string): readonly string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code.replaceAll('\\|', '|'));
}

function cellsOf(line: string): readonly string[] {
  return line
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());
}

function lineOf(text: string, block: number): number {
  const starts = [...text.matchAll(/^ *```\w*[^\n]*\n[\s\S]*?^ *```$/gm)];
  return text.slice(0, starts[block]?.index).split('\n').length;
}

function markdownIn(folder: string): readonly string[] {
  return readdirSync(join(projectFolder, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`);
}
