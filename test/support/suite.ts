import fc from 'fast-check';
import { suite as uvuSuite } from 'uvu';

// The same cases each time: what a change breaks is seen with that change. TEST_SEED=N tries others, as `make test-long` does.
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env['TEST_SEED'] ?? 1) });

/** Where `test/run.ts` finds what the suites of the file that it imports have registered and how they ended. */
export interface Tally {
  file: string;
  registered: number;
  passed: number;
  failed: number;
  skipped: string[];
  /** Those of `skipped` that even CI cannot run. */
  unable: string[];
}

declare global {
  var testTally: Tally | undefined;
}

export interface Test {
  (name: string, run: () => void | Promise<void>): void;
  /** Not run here, and said so: `reason` is printed. With `CI=true` nothing may be skipped. */
  skip(name: string, reason: string): void;
  /** Skipped since the machine forbids it (namespaces, say) and nothing could be installed that allows it: also in CI. */
  unable(name: string, reason: string): void;
  before(run: () => void | Promise<void>): void;
  after(run: () => void | Promise<void>): void;
}

export interface SuiteOptions {
  /** For each test of the suite; uvu has no time limit of its own. */
  readonly timeoutMs?: number;
}

/**
 * Makes a uvu suite and always runs it (a uvu file that forgets `.run()` passes with no tests). Each test has a time
 * limit. A file can be run alone: `node --import tsx test/core/ledger.test.ts`.
 */
export function suite(name: string, define: (test: Test) => void, { timeoutMs = 5_000 }: SuiteOptions = {}): void {
  const tally = globalThis.testTally;
  const tests = uvuSuite(name);
  const test: Test = (title, run) => {
    if (tally) tally.registered += 1;
    tests(title, async () => {
      try {
        await withTimeout(title, run, timeoutMs);
        if (tally) tally.passed += 1;
      } catch (error) {
        if (tally) tally.failed += 1;
        throw error;
      }
    });
  };
  test.skip = (title, reason) => {
    if (tally) tally.registered += 1;
    tally?.skipped.push(`${name} ${title}: ${reason}`);
    tests.skip(title);
  };
  test.unable = (title, reason) => {
    tally?.unable.push(title);
    test.skip(title, reason);
  };
  test.before = (run) => tests.before(() => withTimeout('before', run, timeoutMs * 12));
  test.after = (run) => tests.after(() => withTimeout('after', run, timeoutMs * 12));
  define(test);
  tests.run();
}

async function withTimeout(title: string, run: () => void | Promise<void>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`"${title}" did not end within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    await Promise.race([run(), timeout]);
  } finally {
    clearTimeout(timer);
  }
}
