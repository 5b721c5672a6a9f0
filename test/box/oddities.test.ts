import * as assert from 'uvu/assert';
import { Oddities } from '../../src/box/oddities.js';
import { suite } from '../support/suite.js';

suite('Oddities', (test) => {
  test('one line for each field, with the first item and how many there are', () => {
    const oddities = new Oddities();
    assert.equal(oddities.lines(), []);
    const odd = (field: string) => ({ field, problem: `field "${field}" is a list, expected a text` });
    oddities.note([odd('size'), odd('tags'), odd('tags')], { type: 'file', id: '1', path: '/a\n\u202eb' });
    for (let id = 2; id <= 300; id += 1) oddities.note([odd('tags')], { type: 'file', id: String(id), path: '/x' });
    const advice = 'Look at the item in Box, and whether something between changes its answers';
    assert.equal(oddities.lines(), [
      `Cannot use field "size" of one item: indexed without it. The first is file 1 "/a\\n\\u202eb": field "size" is a list, expected a text. ${advice}`,
      `Cannot use field "tags" of 300 items: indexed without it. The first is file 1 "/a\\n\\u202eb": field "tags" is a list, expected a text. ${advice}`,
    ]);
  });
});
