import { posix } from 'node:path';
import type { SourceFile } from './source-files.js';

export interface Import {
  readonly from: string;
  /** A file below `src`, or the name of a package. */
  readonly to: string;
  readonly isPackage: boolean;
  readonly onlyTypes: boolean;
}

/** The imports and re-exports of a file, also the lazy ones, by their text: comments are left out. */
export function importsOf({ path, text }: SourceFile): readonly Import[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const found: Import[] = [];
  const add = (target: string, onlyTypes: boolean) => {
    const isPackage = !target.startsWith('.');
    const to = isPackage ? target : posix.join(posix.dirname(path), target).replace(/\.js$/, '.ts');
    found.push({ from: path, to, isPackage, onlyTypes });
  };
  for (const [, type, names = '', target = ''] of code.matchAll(
    /\b(?:import|export)\s+(type\s+)?([\w*{][^'";]*?)\s+from\s+'([^']+)'/g,
  )) {
    const listed =
      /\{([\s\S]*)\}/
        .exec(names)?.[1]
        ?.split(',')
        .map((name) => name.trim()) ?? [];
    const eachIsType = listed.length > 0 && listed.every((name) => name === '' || name.startsWith('type '));
    add(target, type !== undefined || (eachIsType && names.trim().startsWith('{')));
  }
  for (const [, target = ''] of code.matchAll(/\bimport\s*\(\s*'([^']+)'\s*\)/g)) add(target, false);
  for (const [, target = ''] of code.matchAll(/^\s*import\s+'([^']+)'/gm)) add(target, false);
  return found;
}
