import * as assert from 'uvu/assert';
import { leaves } from '../../src/config/leaves.js';
import { codeIn, docPages, readDocPage } from '../support/documentation.js';
import { suite } from '../support/suite.js';

/** Dotted names that look like keys and are none. */
const others = new Set(['pipeline.ts']);

suite('configuration keys in the documentation', (test) => {
  const sections = new Set(
    [...leaves.keys()].flatMap((key) =>
      key
        .split('.')
        .slice(0, -1)
        .map((_, index, parts) => parts.slice(0, index + 1).join('.')),
    ),
  );

  const isKey = (name: string) =>
    leaves.has(name) ||
    sections.has(name) ||
    // A secret may be a file.
    (name.endsWith('_file') && leaves.has(name.slice(0, -'_file'.length)));

  test('exist', () => {
    const named = docPages.flatMap((page) =>
      codeIn(readDocPage(page).replaceAll(/^( *)```[\s\S]*?^ *```$/gm, '')).flatMap((code) => {
        const [, key = ''] = /^((?:[a-z_]+\.)+[a-z_]+)(?:: .*)?$/.exec(code) ?? [];
        return sections.has(key.split('.')[0] ?? '') && !others.has(key) ? [{ page, key }] : [];
      }),
    );
    assert.ok(named.length > 100, `${named.length} keys were found`);
    assert.equal(
      named.filter(({ key }) => !isKey(key)).map(({ page, key }) => `${page}: ${key}`),
      [],
    );
  });
});
