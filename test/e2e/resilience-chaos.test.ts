import { chaosRound } from '../support/chaos-round.js';
import { needing } from '../support/real-parts.js';
import { suite } from '../support/suite.js';
import { isLong } from '../support/sync-trial.js';

suite(
  'resilience: chaos',
  (test) => {
    const real = needing(test, 'elasticsearch');
    for (const seed of isLong ? Array.from({ length: 20 }, (_, at) => at + 1) : [4, 5]) {
      real(`random tree, changes, faults and kills with the seed ${seed}: the index is Box in the end`, async () => {
        await chaosRound(seed);
      });
    }
  },
  { timeoutMs: 120_000 },
);
