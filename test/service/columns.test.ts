import * as assert from 'uvu/assert';
import { columns } from '../../src/service/columns.js';
import { suite } from '../support/suite.js';

suite('columns()', (test) => {
  test('are aligned, with what could move a cursor escaped first, and long cells cut but for the last', () => {
    assert.equal(
      columns(
        [
          ['ID', 'NAME', 'ERROR'],
          ['a\u001b[2J', 'long name', 'anything as long as it is'],
          ['b', '', ''],
        ],
        9,
      ),
      ['ID         NAME       ERROR', 'a\\u001...  long name  anything as long as it is', 'b'],
    );
    assert.equal(columns([]), []);
  });
});
