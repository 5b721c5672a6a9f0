import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that the project is in. */
export const projectFolder = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

export interface SourceFile {
  /** Below `src`, with `/`: `core/ledger.ts`. */
  readonly path: string;
  readonly text: string;
}

/** Every TypeScript file of the product. Throws if there is none: a check of nothing would pass. */
export function sourceFiles(): readonly SourceFile[] {
  const src = join(projectFolder, 'src');
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts'))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(src, path), 'utf8') }));
  if (files.length === 0) throw new Error(`Cannot check the sources: no file under ${src}`);
  return files;
}
