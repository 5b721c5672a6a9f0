import * as assert from 'uvu/assert';
import { docTable } from '../support/documentation.js';
import { suite } from '../support/suite.js';

const page = 'docs/sizing.md';

suite(page, (test) => {
  test('the table follows from its rules: a call for each folder and each file, 1,000 in a minute', () => {
    const rows = docTable(page, 'files with text').map((row) => row.map((cell) => Number(cell.replaceAll(',', ''))));
    assert.ok(rows.length > 3);
    for (const row of rows) {
      const [files = 0, folders = 0] = row;
      const calls = files + folders;
      assert.equal(row, [files, folders, calls, Math.ceil(calls / 1_000), folders, Math.ceil(folders / 1_000)]);
    }
  });
});
