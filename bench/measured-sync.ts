import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Connector, Summary } from '../test/support/connector.js';
import type { SimulatedBox } from './simulated-box.js';

const reporter = fileURLToPath(new URL('report-usage.cjs', import.meta.url));

export interface MeasuredSync {
  readonly summary: Summary;
  /** From the first request to Box to the end of the process. */
  readonly seconds: number;
  /** From the start of the process, as whoever started it sees it, to its first request to Box. */
  readonly firstCallSeconds: number;
  /** User and system time of the whole process, its start included. */
  readonly cpuSeconds: number;
  readonly peakRssMiB: number;
  /** Requests that reached Box, without those of the download addresses that content requests are redirected to. */
  readonly boxCalls: number;
}

interface Usage {
  readonly cpuSeconds: number;
  readonly peakRssMiB: number;
  readonly firstCallAt: number | null;
  readonly endedAt: number;
}

/** Runs `sync` of the built program to its end. Rejects unless the run is complete: what is wrong is not worth timing. */
export async function measuredSync(
  connector: Connector,
  box: SimulatedBox,
  nodeArgs: readonly string[] = [],
): Promise<MeasuredSync> {
  await box.reset();
  const usageFile = join(connector.folder, 'usage.json');
  const startedAt = performance.timeOrigin + performance.now();
  const { code, stderr, summary } = await connector.start(
    ['--log-level', 'warn', 'sync'],
    { BENCH_USAGE_FILE: usageFile, BENCH_BOX_HOST: new URL(box.url).host },
    ['--require', reporter, ...nodeArgs],
  ).ended;
  if (code !== 0 || summary === undefined) {
    throw new Error(`Cannot measure the sync: it ended with exit code ${code ?? 'none'}: ${stderr.slice(-2_000)}`);
  }
  const usage = JSON.parse(readFileSync(usageFile, 'utf8')) as Usage;
  if (usage.firstCallAt === null) throw new Error('Cannot measure the sync: it has not asked Box for anything');
  const calls = await box.calls();
  const ofTheApi = Object.entries(calls).filter(([route]) => route !== 'download');
  return {
    summary,
    seconds: (usage.endedAt - usage.firstCallAt) / 1_000,
    firstCallSeconds: (usage.firstCallAt - startedAt) / 1_000,
    cpuSeconds: usage.cpuSeconds,
    peakRssMiB: usage.peakRssMiB,
    boxCalls: ofTheApi.reduce((sum, [, count]) => sum + count, 0),
  };
}
