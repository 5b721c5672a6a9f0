import { planOf } from '../support/differential/plan.js';
import { runPlan } from '../support/differential/run-plan.js';
import { suite } from '../support/suite.js';
import { isLong } from '../support/sync-trial.js';

/** The first ten, as they come; `make chaos` has 200. */
const seeds = Array.from({ length: isLong ? 50 : 10 }, (_, at) => at + 1);

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
