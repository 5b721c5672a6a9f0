import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { missingPart, startRealParts } from './support/real-parts.js';
import { summaryOf, SyncTrial } from './support/sync-trial.js';

// node --import tsx test/soak.ts [--folders 10000] [--files 100]
// A million files with a heap of 128 MiB, twice; says what it took and ends with 1 if that was too much.

const limits = { peakRssMiB: 220, stateBytesPerItem: 300, secondRunShare: 0.5 };
const { values } = parseArgs({ options: { folders: { type: 'string' }, files: { type: 'string' } } });
const foldersPerUser = Number(values.folders ?? 10_000);
const filesPerFolder = Number(values.files ?? 100);

const stop = await startRealParts();
try {
  const missing = missingPart('elasticsearch');
  if (missing !== undefined) throw new Error(`Cannot soak without Elasticsearch: ${missing}`);
  const trial = await SyncTrial.start({
    name: 'soak',
    account: 'free',
    tree: { foldersPerUser, filesPerFolder, textBytes: 2_000, extensions: ['txt'] },
  });
  try {
    const run = async (...args: readonly string[]) =>
      summaryOf(await trial.connector.start(['sync', ...args], {}, ['--max-old-space-size=128']).ended, 0);
    const first = await run();
    console.log(`first run: ${first.listed} items, ${first.seconds} s, ${first.peakRssMiB} MiB`);
    const data = join(trial.connector.folder, 'data');
    const bytes = readdirSync(data).reduce((sum, name) => sum + statSync(join(data, name)).size, 0);
    const perItem = bytes / first.listed;
    console.log(`state: ${Math.round(bytes / 1_024 / 1_024)} MiB, ${Math.round(perItem)} bytes an item`);
    const second = await run();
    console.log(`second run: ${second.unchanged} unchanged, ${second.seconds} s, ${second.peakRssMiB} MiB`);
    const full = await run('--full');
    console.log(`full run: ${full.unchanged} unchanged, ${full.seconds} s, ${full.peakRssMiB} MiB`);
    await trial.client.indices.refresh({ index: trial.index });
    const { count } = await trial.client.count({ index: trial.index });
    const faults = [
      count === first.listed ? '' : `the index has ${count} documents, expected ${first.listed}`,
      second.unchanged === first.listed ? '' : `${second.unchanged} unchanged, expected ${first.listed}`,
      ...[first, second, full].map(({ peakRssMiB }) =>
        peakRssMiB <= limits.peakRssMiB ? '' : `${peakRssMiB} MiB, expected at most ${limits.peakRssMiB}`,
      ),
      perItem <= limits.stateBytesPerItem
        ? ''
        : `${Math.round(perItem)} bytes of state an item, expected at most ${limits.stateBytesPerItem}`,
      second.seconds <= first.seconds * limits.secondRunShare
        ? ''
        : `the second run took ${second.seconds} s, expected at most half of ${first.seconds} s`,
    ].filter((fault) => fault !== '');
    for (const fault of faults) console.error(`FAIL ${fault}`);
    if (faults.length > 0) process.exitCode = 1;
  } finally {
    await trial.close();
  }
} finally {
  await stop();
}
