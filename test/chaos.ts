import { parseArgs } from 'node:util';
import { chaosRound } from './support/chaos-round.js';
import { missingPart, startRealParts } from './support/real-parts.js';

// node --import tsx test/chaos.ts [--rounds N] [--seed S]
// Rounds of random trees, changes, faults and kills with the seeds S, S + 1, ...; ends with 1 at the first that fails.

const { values } = parseArgs({ options: { rounds: { type: 'string' }, seed: { type: 'string' } } });
const rounds = Number(values.rounds ?? 20);
const first = Number(values.seed ?? Date.now() % 1_000_000);
const stop = await startRealParts();
try {
  const missing = missingPart('elasticsearch');
  if (missing !== undefined) throw new Error(`Cannot make chaos without Elasticsearch: ${missing}`);
  for (let round = 0; round < rounds; round += 1) {
    const seed = first + round;
    const startedAt = Date.now();
    try {
      const report = await chaosRound(seed);
      console.log(`seed ${seed}: the index is Box (${Date.now() - startedAt} ms) ${JSON.stringify(report)}`);
    } catch (error) {
      console.error(`seed ${seed} FAILED; again: make chaos CHAOS='--rounds 1 --seed ${seed}'`);
      console.error(error);
      process.exitCode = 1;
      break;
    }
  }
} finally {
  await stop();
}
