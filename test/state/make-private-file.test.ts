import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { makePrivateFile } from '../../src/state/make-private-file.js';
import { openSqlite } from '../../src/state/sqlite-database.js';
import { holdDatabase } from '../support/database-holder.js';
import { suite } from '../support/suite.js';

suite('makePrivateFile()', (test) => {
  let folder = '';
  test.before(() => {
    folder = mkdtempSync(join(tmpdir(), 'private-'));
  });
  test.after(() => rmSync(folder, { recursive: true }));

  test('makes the file and its folder for their owner alone', () => {
    const path = join(folder, 'deep', 'file');
    makePrivateFile(path);
    assert.is(statSync(path).mode & 0o777, 0o600);
    assert.is(statSync(join(folder, 'deep')).mode & 0o777, 0o700);
  });

  test('makes one that exists private, and leaves what is in it', () => {
    const path = join(folder, 'open');
    writeFileSync(path, 'text', { mode: 0o644 });
    makePrivateFile(path);
    assert.is(statSync(path).mode & 0o777, 0o600);
    assert.is(statSync(path).size, 4);
  });

  test('leaves the locks on a database that this process has open: another that ends does not take its log away', async () => {
    const path = join(folder, 'shared.sqlite');
    const db = openSqlite(path, { ifDamaged: 'Delete it' });
    db.exec('CREATE TABLE a (x); INSERT INTO a VALUES (1);');
    const other = await holdDatabase(path, '');
    makePrivateFile(path);
    db.exec('INSERT INTO a VALUES (2)');
    await other.letGo();
    assert.ok(existsSync(`${path}-wal`));
    db.exec('INSERT INTO a VALUES (3)');
    assert.equal(db.prepare('SELECT x FROM a').raw(true).all(), [[1], [2], [3]]);
    db.close();
  });
});
