import { systemClock } from '../core/clock.js';
import type { LoadedConfig } from '../config/load-config.js';
import { probeExtraction } from '../extractors/probe-extraction.js';
import type { Finding } from '../sinks/elasticsearch-probe.js';
import { sqliteStore } from '../state/sqlite-store.js';
import { boxAccess } from './box-access.js';
import { checkBox } from './check-box.js';
import type { CommandContext } from './command-context.js';
import { exitCodes } from './exit-codes.js';
import { statePath } from './state-path.js';
import { takesText } from './takes-text.js';

/** Tries everything that a run needs and says each in words, with what to do; exit code 1 if something is wrong. */
export async function checkCommand({ config }: LoadedConfig, context: CommandContext): Promise<number> {
  const { say, log, env, version, stop } = context;
  say('ok      Configuration');
  const store = sqliteStore(statePath(config));
  const access = boxAccess(
    { clock: systemClock, random: Math.random, log, tokens: store.tokens, env, version },
    config,
  );
  const findings: Finding[] = [];
  try {
    findings.push(...(await checkBox(access, { downloads: takesText(config) }, stop)));
    if (config.sink === 'elasticsearch') {
      const { checkElasticsearchTarget } = await import('./check-elasticsearch-target.js');
      findings.push(...(await checkElasticsearchTarget(config, version, stop)));
    }
    findings.push(...(await checkExtraction(config, stop)));
  } finally {
    access.close();
    store.close();
  }
  for (const { what, ok, found, advice } of findings) {
    const [first = '', ...more] = found.split('\n');
    say(`${ok ? (advice === null ? 'ok     ' : 'warning') : 'WRONG  '} ${what}: ${first}`);
    for (const line of [...more, ...(advice === null ? [] : [advice])]) say(`        ${line}`);
  }
  return findings.every(({ ok }) => ok) ? exitCodes.complete : exitCodes.failed;
}

async function checkExtraction(
  { extraction, extraction_service, tika }: LoadedConfig['config'],
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const { method } = extraction;
  if (method !== 'tika' && method !== 'extraction_service') return [];
  const url = method === 'tika' ? tika.url : (extraction_service.host ?? '');
  const problem = await probeExtraction(systemClock, { method, url }, signal);
  return [
    {
      what: 'Text extraction',
      ok: problem === null,
      found: problem ?? `${method} answers at ${url}`,
      advice: null,
    },
  ];
}
