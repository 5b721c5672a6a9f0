import * as assert from 'uvu/assert';
import { debugLines } from '../../src/app/debug-lines.js';
import { makeLog } from '../../src/app/log.js';
import { suite } from '../support/suite.js';

suite('debugLines()', (test) => {
  const lines: string[] = [];
  const logAt = (level: string) =>
    makeLog({ level, readable: false, version: '1' }, { write: (line: string) => void lines.push(line) });

  test('nothing is made of lines that nobody would see', () => {
    assert.is(debugLines(logAt('info'), 'Call'), undefined);
  });

  test('at the level debug they are written with the message', () => {
    debugLines(logAt('debug'), 'Call')?.({ route: 'folders' });
    assert.is(lines.length, 1);
    assert.match(lines[0] ?? '', /"message":"Call"/);
    assert.match(lines[0] ?? '', /"route":"folders"/);
  });
});
