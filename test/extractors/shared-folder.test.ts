import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { sharedName, sweepSharedFolder } from '../../src/extractors/shared-folder.js';
import { suite } from '../support/suite.js';

suite('sweepSharedFolder()', (test) => {
  const now = Date.UTC(2026, 0, 10);
  const day = 24 * 3_600_000;

  test('what a killed process has left a day ago goes; nothing that is younger or called otherwise', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'shared-'));
    try {
      const put = (name: string, ageMs: number) => {
        writeFileSync(join(folder, name), 'x');
        utimesSync(join(folder, name), (now - ageMs) / 1_000, (now - ageMs) / 1_000);
        return name;
      };
      put(sharedName('pdf'), day);
      put(sharedName('../x'), 30 * day);
      const kept = [
        put(sharedName('pdf'), day - 1_000),
        put('report.pdf', 30 * day),
        put('box-connector-notes.txt', 30 * day),
        put('c0a80101-0000-4000-8000-000000000000.pdf', 30 * day),
      ];
      await sweepSharedFolder(folder, now);
      assert.equal(readdirSync(folder).sort(), kept.sort());
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('a folder that is not there is no reason to fail here', async () => {
    await sweepSharedFolder(join(tmpdir(), 'not', 'there'), now);
  });
});
