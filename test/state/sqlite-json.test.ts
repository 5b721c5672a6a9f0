import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { openSqlite } from '../../src/state/sqlite-database.js';
import { fromSqlJson, toSqlJson } from '../../src/state/sqlite-json.js';
import { hostileTexts } from '../support/hostile-texts.js';
import { suite } from '../support/suite.js';

suite('JSON for SQLite', (test) => {
  test('ordinary values are the JSON that everybody makes', () => {
    const value = { a: ['b', 1, null, true, '\u{1f600}'], c: { d: 'e\nf' } };
    assert.is(toSqlJson(value), JSON.stringify(value));
  });

  test('a value comes back as it was', () => {
    assert.equal(fromSqlJson(toSqlJson(hostileTexts)), hostileTexts);
    const value = fc.object({ values: [fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom(...hostileTexts)] });
    fc.assert(
      fc.property(value, (given) => assert.equal(fromSqlJson(toSqlJson(given)), JSON.parse(JSON.stringify(given)))),
    );
  });

  test('SQLite takes the same texts out of it as it gets as parameters, and makes JSON of them that can be read', () => {
    const db = openSqlite(':memory:', { ifDamaged: 'Delete it' });
    db.exec('CREATE TABLE text (value TEXT PRIMARY KEY)');
    db.prepare('INSERT INTO text SELECT value FROM json_each(?)').run(toSqlJson(hostileTexts));
    const select = db.prepare('SELECT value FROM text WHERE value = ?').raw(true);
    for (const text of hostileTexts) assert.equal(select.all(text), [[text]]);
    const member = db.prepare(`SELECT ? ->> '$.name'`).raw(true);
    for (const name of hostileTexts) assert.equal(member.all(toSqlJson({ name })), [[name]]);
    const made = db.prepare('SELECT json_group_array(value) FROM text').raw(true).all() as [[string]];
    assert.equal(new Set(fromSqlJson(made[0][0]) as string[]), new Set(hostileTexts));
    db.close();
  });
});
