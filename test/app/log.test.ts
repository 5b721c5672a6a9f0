import * as assert from 'uvu/assert';
import { type LogOptions, makeLog } from '../../src/app/log.js';
import { suite } from '../support/suite.js';

function logged(options: Partial<LogOptions>, write: (log: ReturnType<typeof makeLog>) => void): string {
  let text = '';
  write(
    makeLog({ level: 'info', readable: false, version: '1.2.3', ...options }, { write: (line) => void (text += line) }),
  );
  return text;
}

suite('makeLog', (test) => {
  test('ECS JSON, one line each', () => {
    const text = logged({}, (log) => log.warn({ folder: '7' }, 'Not read'));
    assert.is(text.indexOf('\n'), text.length - 1);
    const line = JSON.parse(text) as Record<string, unknown>;
    assert.is(line['message'], 'Not read');
    assert.is(line['log.level'], 'warn');
    assert.is(line['folder'], '7');
    assert.is(line['service.version'], '1.2.3');
    assert.ok(!Number.isNaN(Date.parse(String(line['@timestamp']))));
  });

  test('readable: time, level, message, members', () => {
    const text = logged({ readable: true }, (log) => log.info({ run: 3, path: '/a b' }, 'Run ended'));
    assert.match(text, /^\d\d:\d\d:\d\d INFO {2}Run ended {2}run=3 path=\/a b\n$/);
  });

  test('readable: what comes from outside can neither break the line nor reach the terminal', () => {
    const text = logged({ readable: true }, (log) => log.info({ name: 'x\u009b2J' }, 'a\n\u001b[2Jb'));
    assert.match(text, /a\\n\\u001b\[2Jb {2}name=x\\u009b2J\n$/);
    assert.not.match(text.slice(0, -1), /[\u0000-\u001f\u007f-\u009f]/);
  });

  test('ECS JSON: one line and the same values, whatever comes from outside', () => {
    const hostile = '"}\n{"log.level":"forged"}\r\u001b[2J\u007f\u0085\u009b2J\u2028\u2029\u202e\\';
    const text = logged({}, (log) => log.child({ connector: hostile }).error({ path: hostile, [hostile]: 1 }, hostile));
    assert.not.match(text.slice(0, -1), /[\u0000-\u001f\u007f-\u009f\u2028-\u202e]/);
    assert.is(text.at(-1), '\n');
    const line = JSON.parse(text) as Record<string, unknown>;
    assert.equal(
      [line['message'], line['connector'], line['path'], line[hostile], line['log.level']],
      [hostile, hostile, hostile, 1, 'error'],
    );
    assert.match(String(line['ecs.version']), /^\d/);
  });

  test('secrets are cut out in both', () => {
    for (const readable of [true, false]) {
      const text = logged({ readable }, (log) =>
        log.info({ header: 'Bearer abcdefgh12345' }, 'sent client_secret=hunter2'),
      );
      assert.not.match(text, /hunter2|abcdefgh12345/);
      assert.match(text, /\[redacted\]/);
    }
  });

  test('the level is a threshold, in any case', () => {
    const text = logged({ level: 'WARN' }, (log) => {
      log.info('no');
      log.error('yes');
    });
    assert.not.match(text, /"no"/);
    assert.match(text, /"yes"/);
  });
});
