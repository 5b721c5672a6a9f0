import type { CommandContext } from '../app/command-context.js';
import { elasticsearchConnection } from '../app/elasticsearch-connection.js';
import { sayFindings } from '../app/say-findings.js';
import type { LoadedConfig } from '../config/load-config.js';
import { systemClock } from '../core/clock.js';
import { messageOf } from '../core/message-of.js';
import { elasticsearchClient } from '../sinks/elasticsearch-client.js';
import { checkElasticsearch, type Finding } from '../sinks/elasticsearch-probe.js';
import { checkConnector, type CheckConnectorDeps } from './check-connector.js';
import { indexProtocol } from './index-protocol.js';
import { ownKeys } from './own-keys.js';
import type { ConnectorSelection } from './protocol.js';
import { selectedConnectors } from './selected-connectors.js';

/**
 * Tries everything that the service and each of its connectors need, and says each in words, with what to do; exit code 1
 * if something is wrong. May run beside the service.
 */
export async function checkServiceCommand(loaded: LoadedConfig, context: CommandContext): Promise<number> {
  const { say } = context;
  say('ok      Configuration');
  const keys = ownKeys(loaded);
  const findings: Finding[] = [];
  if (keys === null) findings.push(...(await checkWith(null, selectedConnectors(loaded.config), loaded, context)));
  for (const [id, apiKey] of keys ?? []) {
    const own = await checkWith(apiKey, { ids: [id], serviceTypes: [] }, loaded, context);
    findings.push(...own.map((finding) => ({ ...finding, what: withId(finding.what, id) })));
  }
  return sayFindings(findings, say);
}

/** With one sign-in: the file's (`null`), or a connector's own key. */
async function checkWith(
  apiKey: string | null,
  selection: ConnectorSelection,
  { config }: LoadedConfig,
  { log, env, version, stop, pid }: CommandContext,
): Promise<readonly Finding[]> {
  const clock = systemClock;
  const connection = elasticsearchConnection(config, 'command', { clock, random: Math.random, log, version });
  const client = elasticsearchClient(apiKey === null ? connection : { ...connection, apiKey });
  try {
    const findings = await checkElasticsearch(client, { index: '.elastic-connectors*', pipeline: null }, stop);
    if (!findings.every(({ ok }) => ok)) return findings;
    const protocol = indexProtocol(client, stop, clock);
    const deps = { protocol, clock, random: Math.random, log, env, version, config, stop };
    return [...findings, ...(await checkConnectors({ ...deps, holder: `check, process ${pid}` }, selection))];
  } finally {
    await client.close();
  }
}

async function checkConnectors(deps: CheckConnectorDeps, selection: ConnectorSelection): Promise<readonly Finding[]> {
  const { protocol, config } = deps;
  try {
    const found = await protocol.connectors(selection);
    const missing = selection.ids.filter((id) => !found.some((connector) => connector.id === id));
    const findings: Finding[] = missing.map((id) => ({
      what: `${id}: Connector`,
      ok: false,
      found: 'there is no such connector in Elasticsearch',
      advice: 'Put the id that Kibana shows into "connectors"',
    }));
    for (const connector of found) {
      const entry = config.connectors.find(({ connector_id }) => connector_id === connector.id);
      findings.push(...(await checkConnector(deps, connector, entry?.api_key ?? null)));
    }
    if (findings.length > 0) return findings;
    return [{ what: 'Connectors', ok: false, found: 'there is none', advice: 'Create a Box connector in Kibana' }];
  } catch (error) {
    return [{ what: 'Connectors', ok: false, found: messageOf(error), advice: null }];
  }
}

function withId(what: string, id: string): string {
  return what.startsWith(`${id}: `) ? what : `${id}: ${what}`;
}
