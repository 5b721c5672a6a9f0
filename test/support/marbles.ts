import { TestScheduler, type RunHelpers } from 'rxjs/testing';
import * as assert from 'uvu/assert';

/** Runs `body` in virtual time: `cold`, `hot`, `expectObservable`, `time`. */
export function marbles(body: (helpers: RunHelpers, scheduler: TestScheduler) => void): void {
  const scheduler = new TestScheduler((actual, expected) => assert.equal(actual, expected));
  scheduler.run((helpers) => body(helpers, scheduler));
}
