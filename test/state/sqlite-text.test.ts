import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { openSqlite } from '../../src/state/sqlite-database.js';
import { fromSqlText, toSqlText } from '../../src/state/sqlite-text.js';
import { hostileTexts } from '../support/hostile-texts.js';
import { suite } from '../support/suite.js';

suite('text for SQLite', (test) => {
  const units = fc.string({
    unit: fc.constantFrom('a', '\0', '\u001b', '\ud83d', '\ude00', '\u2800', '\u28d8', '\u283d'),
  });

  test('an ordinary text is kept as it is', () => {
    for (const text of ['', 'Plan.docx', 'Übersicht', '\u{1f600}', 'a\nb', '\u2028', '\u28ff']) {
      assert.is(toSqlText(text), text);
      assert.is(fromSqlText(text), text);
    }
  });

  test('what SQLite gets is well-formed and has no NUL, and comes back as it was', () => {
    const check = (text: string) => {
      const kept = toSqlText(text);
      assert.ok(kept.isWellFormed() && !kept.includes('\0'), JSON.stringify(text));
      assert.is(fromSqlText(kept), text);
    };
    hostileTexts.forEach(check);
    fc.assert(fc.property(units, check));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 0xffff })), (codes) => check(String.fromCharCode(...codes))),
    );
  });

  test('different texts stay different', () => {
    fc.assert(fc.property(units, units, (one, other) => (one === other) === (toSqlText(one) === toSqlText(other))));
  });

  test('a database gives back, finds and tells apart what it was given, as an array and as an object', () => {
    const db = openSqlite(':memory:', { ifDamaged: 'Delete it' });
    db.exec('CREATE TABLE text (value TEXT PRIMARY KEY)');
    const insert = db.prepare('INSERT INTO text VALUES (?)');
    for (const text of hostileTexts) insert.run(text);
    const sql = 'SELECT value FROM text WHERE value = ?';
    for (const text of hostileTexts) {
      assert.equal(db.prepare(sql).raw(true).all(text), [[text]]);
      assert.equal(db.prepare(sql).all(text), [{ value: text }]);
    }
    assert.is(db.prepare('SELECT value FROM text').all().length, new Set(hostileTexts).size);
    db.close();
  });
});
