import { pino } from 'pino';
import { EMPTY, NEVER } from 'rxjs';
import * as assert from 'uvu/assert';
import { runToEnd } from '../../src/app/run-to-end.js';
import { CallCounts } from '../../src/box/call-counts.js';
import { AbortedError } from '../../src/core/errors.js';
import { Waits } from '../../src/core/waits.js';
import { sqliteStore } from '../../src/state/sqlite-store.js';
import { startRun } from '../../src/state/start-run.js';
import { rejection } from '../support/fake-http.js';
import { loadTestConfig } from '../support/load-test-config.js';
import { suite } from '../support/suite.js';
import { VirtualClock } from '../support/virtual-clock.js';

/** What a command gives it, with a clock that a test moves. */
function setUp() {
  const clock = new VirtualClock();
  const [stop, abort] = [new AbortController(), new AbortController()];
  const lines: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line) => void lines.push(line) });
  const deps = {
    access: { box: {}, counts: new CallCounts() },
    target: { requests: () => 0 },
    waits: new Waits(clock),
    log,
    stop: stop.signal,
    abort: abort.signal,
  } as unknown as Parameters<typeof runToEnd>[0];
  const { config } = loadTestConfig({ service: { drain_timeout: 7 } });
  const run = startRun({ store: sqliteStore(':memory:') });
  return {
    clock,
    stop,
    abort,
    lines,
    begin: (work: typeof NEVER) => runToEnd(deps, config, run, () => Promise.resolve(work)),
  };
}

suite('runToEnd()', (test) => {
  test('whatever command it is of, a stop has its time and no more, and what was held is said', async () => {
    const { clock, stop, lines, begin } = setUp();
    const ended = rejection(begin(NEVER));
    await clock.advance(60_000);
    stop.abort();
    await clock.advance(6_999);
    assert.equal(lines, []);
    await clock.advance(1);
    assert.instance(await ended, AbortedError);
    assert.is(lines.length, 1);
    assert.match(lines[0] ?? '', /did not end within service\.drain_timeout \(7 s\)/);
    assert.is(clock.pending, 0);
  });

  test('an abort ends it at once, without a word; an end in time leaves no timer', async () => {
    const aborted = setUp();
    const ended = rejection(aborted.begin(NEVER));
    await aborted.clock.advance(1);
    aborted.abort.abort();
    assert.instance(await ended, AbortedError);
    assert.equal([aborted.lines, aborted.clock.pending], [[], 0]);
    const complete = setUp();
    complete.stop.abort();
    await complete.begin(EMPTY);
    assert.equal([complete.lines, complete.clock.pending], [[], 0]);
  });
});
