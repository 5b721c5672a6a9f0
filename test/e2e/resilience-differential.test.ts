import { planOf } from '../support/differential/plan.js';
import { runPlan } from '../support/differential/run-plan.js';
import { suite } from '../support/suite.js';
import { isLong } from '../support/sync-trial.js';

/** Short ones with much in them: `make chaos` has 200 others. */
const seeds = isLong ? Array.from({ length: 50 }, (_, at) => at + 1) : [1, 3, 8, 23, 27, 30, 31, 33, 36, 37];

suite(
  'resilience: random plans',
  (test) => {
    for (const seed of seeds) {
      test(`seed ${seed}: whenever a run says that it is complete, the index is Box`, async () => {
        await runPlan(planOf(seed));
      });
    }
  },
  { timeoutMs: 120_000 },
);
