import * as assert from 'uvu/assert';
import { parseQuartz } from '../../src/service/schedule/quartz-schedule.js';
import { bruteForce } from '../service/schedule/quartz-matcher.js';
import { codeIn, docTable } from '../support/documentation.js';
import { suite } from '../support/suite.js';

const page = 'docs/sync.md';
const after = new Date('2026-11-24T10:00:00Z');

suite(page, (test) => {
  const rows = docTable(page, 'schedule', 'means');

  test('has enough schedules', () => assert.ok(rows.length > 10));

  for (const [schedule = '', , next = ''] of rows) {
    const [text = ''] = codeIn(schedule);
    test(`"${text}" comes next when it says`, () => {
      const wanted = [`${next.replace(' ', 'T')}.000Z`];
      const parsed = parseQuartz(text);
      assert.ok('schedule' in parsed, text);
      if ('schedule' in parsed) assert.equal([parsed.schedule.next(after)?.toISOString()], wanted);
      // By the definition of Quartz, apart from the product.
      assert.equal(
        bruteForce(text, after, 1).map((date) => date.toISOString()),
        wanted,
      );
    });
  }
});
