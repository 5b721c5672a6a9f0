import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { codeIn, docTable } from '../support/documentation.js';
import { projectFolder } from '../support/source-files.js';
import { suite } from '../support/suite.js';

const page = 'docs/box-setup.md';

suite(page, (test) => {
  test('lists every call that the connector makes', () => {
    const documented = docTable(page, 'call', 'why').flatMap(([cell = '']) => codeIn(cell));
    const client = readFileSync(join(projectFolder, 'src', 'box', 'box-api.ts'), 'utf8');
    const shape = (path: string) => path.replaceAll(/\$?\{[^}]*\}+\)?/g, '{}');
    const made = [...client.matchAll(/[`'](\/2\.0\/[^`']*)[`']/g)].map(([, path = '']) => shape(path));
    assert.ok(made.length > 5);
    const listed = documented.filter((call) => call.startsWith('GET ')).map((call) => shape(call.slice(4)));
    // One path of the program stands for the three kinds of item.
    const expanded = made.flatMap((path) =>
      path === '/2.0/{}/{}' ? ['/2.0/files/{}', '/2.0/folders/{}', '/2.0/web_links/{}'] : [path],
    );
    assert.equal([...new Set(listed)].sort(), [...new Set(expanded)].sort());
    assert.ok(documented.includes('POST /oauth2/token'));
  });
});
