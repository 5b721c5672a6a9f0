import { systemClock } from '../core/clock.js';
import type { LoadedConfig } from '../config/load-config.js';
import type { Finding } from '../sinks/elasticsearch-probe.js';
import { sqliteStore } from '../state/sqlite-store.js';
import { boxAccess } from './box-access.js';
import { checkBox } from './check-box.js';
import type { CommandContext } from './command-context.js';
import { checkExtraction } from './check-extraction.js';
import { sayFindings } from './say-findings.js';
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
      findings.push(
        ...(await checkElasticsearchTarget(config, { clock: systemClock, random: Math.random, log, version }, stop)),
      );
    }
    findings.push(...(await checkExtraction(systemClock, config, stop)));
  } finally {
    await access.close();
    store.close();
  }
  return sayFindings(findings, say);
}
