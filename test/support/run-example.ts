import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { RunReport } from '../../src/core/run-report.js';
import type { Simulator } from '../../src/simulator/simulator.js';
import { projectFolder } from './source-files.js';

/** Runs `examples/<name>.ts` as a reader would, against a simulated Box; answers with the counts that it prints. */
export async function runExample(
  name: string,
  args: readonly string[],
  { url, credentials }: Pick<Simulator, 'url' | 'credentials'>,
  env: Readonly<Record<string, string>> = {},
): Promise<RunReport> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', join('examples', `${name}.ts`), ...args],
    {
      cwd: projectFolder,
      env: {
        PATH: process.env['PATH'],
        BOX_BASE_URL: url,
        BOX_CLIENT_ID: credentials.clientId,
        BOX_CLIENT_SECRET: credentials.clientSecret,
        BOX_ENTERPRISE_ID: credentials.enterpriseId,
        ...env,
      },
    },
  );
  return JSON.parse(stdout) as RunReport;
}
