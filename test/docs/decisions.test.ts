import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { projectFolder } from '../support/source-files.js';
import { suite } from '../support/suite.js';

const read = (path: string) => readFileSync(join(projectFolder, path), 'utf8');

suite('docs/decisions.md', (test) => {
  const decisions = read('docs/decisions.md');

  test('names every dependency, and says why', () => {
    const manifest = JSON.parse(read('package.json')) as Record<string, Record<string, string>>;
    const names = ['dependencies', 'devDependencies'].flatMap((kind) => Object.keys(manifest[kind] ?? {}));
    assert.ok(names.length > 10);
    assert.equal(
      names.filter((name) => !decisions.includes(`\`${name}\``)),
      [],
    );
  });

  test('has numbered decisions without gaps, each with context, decision and consequence', () => {
    const parts = decisions.split(/^## /m).slice(1);
    assert.equal(
      parts.map((part) => Number(/^(\d+)\. /.exec(part)?.[1])),
      parts.map((_, index) => index + 1),
    );
    const incomplete = parts.filter(
      (part) => !['Context', 'Decision', 'Consequence'].every((name) => part.includes(`- **${name}.** `)),
    );
    assert.equal(incomplete, []);
  });
});
