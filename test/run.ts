import { readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { missingPart, startRealParts } from './support/real-parts.js';
import type { Tally } from './support/suite.js';

// node --import tsx test/run.ts [unit] [integration] [e2e] [part of a path ...]
// Runs the test files of these kinds (default: unit) in this process and ends with the line "N passed, N failed, N skipped".

const root = dirname(fileURLToPath(import.meta.url));
const words = process.argv.slice(2);
const isKind = (word: string) => ['unit', 'integration', 'e2e'].includes(word);
const kinds = words.some(isKind) ? words.filter(isKind) : ['unit'];
const wanted = words.filter((word) => !isKind(word));

function kindOf(file: string): string {
  const top = file.split('/')[0] ?? '';
  return top === 'integration' || top === 'e2e' ? top : 'unit';
}

const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => file.endsWith('.test.ts') && kinds.includes(kindOf(file)))
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .sort();

const tallies: Tally[] = [];
const queues = globalThis as unknown as { UVU_DEFER: number; UVU_QUEUE: unknown[][]; UVU_INDEX: number };
queues.UVU_DEFER = 1;
queues.UVU_QUEUE = [];
// Imported only now: without UVU_DEFER it would run an empty queue of its own.
const { exec } = await import('uvu');

async function run(some: readonly string[]): Promise<void> {
  if (some.length === 0) return;
  queues.UVU_QUEUE = [];
  for (const [index, file] of some.entries()) {
    const tally: Tally = { file, registered: 0, passed: 0, failed: 0, skipped: [] };
    tallies.push(tally);
    globalThis.testTally = tally;
    queues.UVU_INDEX = index;
    queues.UVU_QUEUE.push([file]);
    await import(pathToFileURL(join(root, file)).href);
  }
  globalThis.testTally = undefined;
  await exec();
}

await run(files.filter((file) => kindOf(file) === 'unit'));
const withRealParts = files.filter((file) => kindOf(file) !== 'unit');
if (withRealParts.length > 0) {
  // They look for the parts when they are imported.
  const stopRealParts = await startRealParts();
  try {
    await run(withRealParts);
  } finally {
    await stopRealParts();
  }
}

const sum = (count: (tally: Tally) => number) => tallies.reduce((total, tally) => total + count(tally), 0);
const skipped = tallies.flatMap((tally) => tally.skipped);
let failed = sum((tally) => tally.failed);
for (const tally of tallies) {
  if (tally.registered === 0) {
    failed += 1;
    console.error(`FAIL ${tally.file}: the file has no tests`);
  }
  // A suite whose before hook throws runs none of its tests.
  const lost = tally.registered - tally.passed - tally.failed - tally.skipped.length;
  if (lost > 0) {
    failed += lost;
    console.error(`FAIL ${tally.file}: ${lost} of ${tally.registered} tests did not run`);
  }
}
const emptyKinds = kinds.filter((kind) => wanted.length === 0 && !files.some((file) => kindOf(file) === kind));
if (files.length === 0 || emptyKinds.length > 0) {
  failed += 1;
  const what = emptyKinds.length > 0 ? `of kind ${emptyKinds.join(', ')}` : `with ${wanted.join(' or ')} in its path`;
  console.error(`FAIL no test file ${what} under ${relative(process.cwd(), root)}`);
}
for (const line of skipped) console.log(`SKIPPED ${line}`);
if (skipped.length > 0 && process.env['CI'] === 'true') {
  failed += skipped.length;
  console.error('FAIL with CI=true nothing may be skipped');
} else if (withRealParts.length > 0 && process.env['CI'] === 'true') {
  for (const part of ['elasticsearch', 'tika'] as const) {
    const reason = missingPart(part);
    if (reason === undefined) continue;
    failed += 1;
    console.error(`FAIL with CI=true the real ${part} may not be missing: ${reason}`);
  }
}
console.log(`${sum((tally) => tally.passed)} passed, ${failed} failed, ${skipped.length} skipped`);
process.exitCode = failed === 0 ? 0 : 1;

// Whatever keeps the process alive now is a timer or a socket that some test or the code under it forgot.
setTimeout(() => {
  console.error(`FAIL still active after the tests: ${process.getActiveResourcesInfo().join(', ')}`);
  process.exit(1);
}, 3_000).unref();
