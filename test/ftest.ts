// node --import tsx test/ftest.ts --name box --size small|medium|large
// The functional test by the name that users of Elastic's connectors know: make ftest NAME=box DATA_SIZE=small.
// The built program as a service that is steered as Kibana steers it, a simulated Box, a real Elasticsearch and, where it
// can be had, a real Tika: a full sync, then another after removals, then an incremental one after changes. After each the
// whole index is compared with the whole Box, and the memory of the service has a ceiling. Exit code 1 if anything is not
// as it must be, 2 for wrong use.
import { parseArgs } from 'node:util';
import { functionalTest } from './e2e/functional-test.js';

/** Folders of 50 text files each, as in Elastic's own test, and the size of one. */
const sizes = {
  small: { folders: 30, textBytes: 10_000 },
  medium: { folders: 50, textBytes: 100_000 },
  large: { folders: 80, textBytes: 300_000 },
} as const;

process.exitCode = await main();

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { name: { type: 'string' }, size: { type: 'string' } } });
  const { name = 'box', size = 'small' } = values;
  if (name !== 'box') return misused(`there is no connector "${name}", expected "box": make ftest NAME=box`);
  if (!isSize(size)) {
    return misused(
      `there is no size "${size}", expected ${Object.keys(sizes).join(', ')}: make ftest NAME=box DATA_SIZE=small`,
    );
  }
  console.log(`Functional test of the ${name} connector, ${size}\n`);
  return (await functionalTest(sizes[size])) ? 0 : 1;
}

function isSize(size: string): size is keyof typeof sizes {
  return Object.hasOwn(sizes, size);
}

function misused(problem: string): number {
  console.error(`Cannot run the functional test: ${problem}`);
  return 2;
}
