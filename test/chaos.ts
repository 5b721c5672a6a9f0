import { parseArgs } from 'node:util';
import { chaosRound } from './support/chaos-round.js';
import { planOf } from './support/differential/plan.js';
import { Failure, runPlan } from './support/differential/run-plan.js';
import { shrinkPlan } from './support/differential/shrink-plan.js';
import { missingPart, startRealParts } from './support/real-parts.js';

// node --import tsx test/chaos.ts [--rounds N] [--seed S] [--at-once N] [--shrink TRIES] [--local]
// Plans of random trees, scopes, rules, changes, stops, kills and lost states with the seeds S, S + 1, ...: after each
// run that says "complete" the index must be Box. Every tenth writes to Elasticsearch, and one more round beside it has
// Box and Elasticsearch fail at random. Says all seeds that fail, and ends with 1 if there are any; --shrink looks for
// the fewest steps that still fail. --local: without Elasticsearch.

const { values } = parseArgs({
  options: {
    rounds: { type: 'string' },
    seed: { type: 'string' },
    'at-once': { type: 'string' },
    shrink: { type: 'string' },
    local: { type: 'boolean' },
  },
});
const rounds = Number(values.rounds ?? 200);
const first = Number(values.seed ?? Date.now() % 1_000_000);
const shrinkTries = Number(values.shrink ?? 0);
const isLocal = values.local === true;
const again = (seed: number) => `again: make chaos CHAOS='--rounds 1 --seed ${seed} --shrink 60'`;

async function differential(seed: number): Promise<boolean> {
  const sink = seed % 10 === 0 && !isLocal ? 'elasticsearch' : 'local';
  const plan = planOf(seed);
  const startedAt = Date.now();
  try {
    const report = await runPlan(plan, { sink });
    console.log(`seed ${seed}: the index is Box (${sink}, ${Date.now() - startedAt} ms) ${JSON.stringify(report)}`);
    return true;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    console.error(`seed ${seed} FAILED (${sink}) at step ${error.step} of ${plan.steps.length}: ${error.message}`);
    if (shrinkTries === 0) {
      console.error(again(seed));
      return false;
    }
    let last = error;
    const fails = (smaller: typeof plan) =>
      runPlan(smaller, { sink }).then(
        () => false,
        (found: unknown) => {
          if (!(found instanceof Failure)) throw found;
          last = found;
          return true;
        },
      );
    const shrunk = await shrinkPlan(plan, fails, shrinkTries);
    console.error(`the fewest steps that still fail: ${JSON.stringify(shrunk.setup)}`);
    for (const step of shrunk.steps) console.error(`  ${JSON.stringify(step)}`);
    console.error(`they end with: ${last.message}`);
    return false;
  }
}

async function withFaults(seed: number): Promise<boolean> {
  try {
    console.log(`seed ${seed} with faults: the index is Box ${JSON.stringify(await chaosRound(seed))}`);
    return true;
  } catch (error) {
    console.error(`seed ${seed} with faults FAILED; ${again(seed)}`, error);
    return false;
  }
}

const stop = isLocal ? () => Promise.resolve() : await startRealParts();
try {
  const missing = isLocal ? undefined : missingPart('elasticsearch');
  if (missing !== undefined) throw new Error(`Cannot make chaos without Elasticsearch (or --local): ${missing}`);
  const seeds = Array.from({ length: rounds }, (_, round) => first + round);
  const failed: number[] = [];
  const inTurn = async () => {
    for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
      const held = await differential(seed);
      if (!held || (seed % 10 === 0 && !isLocal && !(await withFaults(seed)))) failed.push(seed);
    }
  };
  await Promise.all(Array.from({ length: Number(values['at-once'] ?? 2) }, inTurn));
  console.log(
    `${rounds - failed.length} of ${rounds} seeds held${failed.length > 0 ? `, not ${failed.join(', ')}` : ''}`,
  );
  if (failed.length > 0) process.exitCode = 1;
} finally {
  await stop();
}
