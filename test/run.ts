import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { missingPart, startRealParts } from './support/real-parts.js';
import type { Tally } from './support/suite.js';

// node --import tsx test/run.ts [unit] [integration] [e2e] [part of a path ...]
// Runs the test files of these kinds (default: unit) and ends with the line "N passed, N failed, N skipped". The unit tests
// run in this process. The others wait more than they compute: each file has a process of its own, three at a time, beside
// one Elasticsearch and one Tika.
// node --import tsx test/run.ts --file e2e/trees.test.ts
// Is such a process: it runs one file and tells its parent how it ended.

const root = dirname(fileURLToPath(import.meta.url));
const words = process.argv.slice(2);
const onlyFile = words[0] === '--file' ? words[1] : undefined;
const atOnce = 3;
/** They measure time: nothing else runs meanwhile. */
const alone = ['e2e/resilience-limits.test.ts'];
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
    const tally: Tally = { file, registered: 0, passed: 0, failed: 0, skipped: [], unable: [] };
    tallies.push(tally);
    globalThis.testTally = tally;
    queues.UVU_INDEX = index;
    queues.UVU_QUEUE.push([file]);
    await import(pathToFileURL(join(root, file)).href);
  }
  globalThis.testTally = undefined;
  await exec();
}

if (onlyFile !== undefined) {
  const letGo = await startRealParts();
  await run([onlyFile]);
  await letGo();
  // Not at once: the process that asked has to have got it.
  process.send?.(tallies, () => {
    process.disconnect();
    endSoon();
  });
} else {
  await runAll();
}

async function runAll(): Promise<void> {
  await run(files.filter((file) => kindOf(file) === 'unit'));
  const withRealParts = files.filter((file) => kindOf(file) !== 'unit');
  if (withRealParts.length > 0) {
    const stopRealParts = await startRealParts();
    try {
      const together = withRealParts.filter((file) => !alone.includes(file));
      const withConnectors = together.filter(usesConnectors);
      const others = together.filter((file) => !withConnectors.includes(file));
      await Promise.all([
        runInTurn(withConnectors).then(() => runInTurn(others)),
        ...Array.from({ length: atOnce - 1 }, () => runInTurn(others)),
      ]);
      await runInTurn(withRealParts.filter((file) => alone.includes(file)));
    } finally {
      await stopRealParts();
    }
  }
  sayHowItEnded(withRealParts.length > 0);
  endSoon();
}

/** Services that look after all connectors of a cluster would find those of other files: such files run in turn. */
function usesConnectors(file: string): boolean {
  return /service-scene|elastic-connectors/.test(readFileSync(join(root, file), 'utf8'));
}

/** Takes file after file from the list, which others may take from as well. */
async function runInTurn(list: string[]): Promise<void> {
  for (let file = list.shift(); file !== undefined; file = list.shift()) tallies.push(...(await runApart(file)));
}

/** The file in a process of its own; what it printed is shown in one piece when it has ended. */
async function runApart(file: string): Promise<readonly Tally[]> {
  const child = spawn(process.execPath, ['--import', 'tsx', fileURLToPath(import.meta.url), '--file', file], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
  }
  let told: readonly Tally[] | undefined;
  child.on('message', (message) => {
    told = message as readonly Tally[];
  });
  const [code] = (await once(child, 'close')) as [number | null];
  process.stdout.write(printed);
  if (told !== undefined && code === 0) return told;
  const [tally = { file, registered: 1, passed: 0, failed: 0, skipped: [], unable: [] }] = told ?? [];
  if (tally.failed > 0) return [tally];
  console.error(`FAIL ${file}: its process ended with ${String(code)}`);
  return [{ ...tally, registered: tally.registered + 1, failed: 1 }];
}

function sayHowItEnded(usedRealParts: boolean): void {
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
  const avoidable = skipped.length - sum((tally) => tally.unable.length);
  if (avoidable > 0 && process.env['CI'] === 'true') {
    failed += avoidable;
    console.error('FAIL with CI=true nothing may be skipped that this machine could run');
  } else if (usedRealParts && process.env['CI'] === 'true') {
    for (const part of ['elasticsearch', 'tika'] as const) {
      const reason = missingPart(part);
      if (reason === undefined) continue;
      failed += 1;
      console.error(`FAIL with CI=true the real ${part} may not be missing: ${reason}`);
    }
  }
  console.log(`${sum((tally) => tally.passed)} passed, ${failed} failed, ${skipped.length} skipped`);
  process.exitCode = failed === 0 ? 0 : 1;
}

/** Whatever keeps the process alive now is a timer or a socket that some test or the code under it forgot. */
function endSoon(): void {
  setTimeout(() => {
    console.error(`FAIL still active after the tests: ${process.getActiveResourcesInfo().join(', ')}`);
    process.exit(1);
  }, 3_000).unref();
}
