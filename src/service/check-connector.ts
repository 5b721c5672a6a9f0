import { boxAccess } from '../app/box-access.js';
import { checkBox } from '../app/check-box.js';
import { checkElasticsearchTarget } from '../app/check-elasticsearch-target.js';
import { checkExtraction } from '../app/check-extraction.js';
import { connectorStatePath } from '../app/connector-state-path.js';
import { takesText } from '../app/takes-text.js';
import type { Config } from '../config/schema.js';
import type { Finding } from '../sinks/elasticsearch-probe.js';
import { checkConfigurationValues, type ConfigurationValues } from './configuration-values.js';
import { connectorConfig } from './connector-config.js';
import type { ConnectorDocument } from './connector-document.js';
import { withConnectorState } from './connector-state.js';
import { activeProblem, activeRules } from './filtering.js';
import type { ServiceDeps } from './service-deps.js';
import { writeBackTokens } from './write-back-tokens.js';

export type CheckConnectorDeps = Pick<
  ServiceDeps,
  'protocol' | 'clock' | 'random' | 'log' | 'env' | 'version' | 'config' | 'holder' | 'stop'
>;

/**
 * Tries what a sync of this connector needs: the form, the sync rules, Box, the index with the connector's own key, and
 * what takes the text. Changes nothing but a refresh token, which rotates with each sign-in and is written back.
 */
export async function checkConnector(
  deps: CheckConnectorDeps,
  connector: ConnectorDocument,
  apiKey: string | null,
): Promise<readonly Finding[]> {
  const findings = await lookAt(deps, connector, apiKey);
  return findings.map((finding) => ({ ...finding, what: `${connector.id}: ${finding.what}` }));
}

async function lookAt(
  deps: CheckConnectorDeps,
  connector: ConnectorDocument,
  apiKey: string | null,
): Promise<readonly Finding[]> {
  const { clock, stop } = deps;
  const { status, configuration, filtering, indexName, pipeline } = connector;
  if (status === 'created' || status === 'needs_configuration') {
    const advice = status === 'created' ? 'Start the service once: it makes the form' : 'Fill in its form in Kibana';
    return [{ what: 'Connector', ok: false, found: `its status is ${status}`, advice }];
  }
  const checked = checkConfigurationValues(configuration, deps.config);
  if ('problem' in checked) return [{ what: 'Form', ok: false, found: checked.problem, advice: 'Mend it in Kibana' }];
  const problem = activeProblem(filtering);
  const rules: Finding[] =
    problem === null ? [] : [{ what: 'Sync rules', ok: false, found: problem, advice: 'Mend them in Kibana' }];
  const config = connectorConfig(deps.config, {
    values: checked.values,
    indexName: indexName ?? '',
    pipeline,
    rules: problem === null ? activeRules(filtering) : [],
    apiKey,
  });
  const index =
    indexName === null
      ? [{ what: 'Index', ok: false, found: 'there is none', advice: 'Attach an index to the connector in Kibana' }]
      : await checkElasticsearchTarget(config, deps, stop);
  return [
    { what: 'Form', ok: true, found: 'complete', advice: null },
    ...rules,
    ...(await lookAtBox(deps, connector.id, config, checked.values)),
    ...index,
    ...(await checkExtraction(clock, config, stop)),
  ];
}

async function lookAtBox(
  deps: CheckConnectorDeps,
  connectorId: string,
  config: Config,
  { refreshToken }: ConfigurationValues,
): Promise<readonly Finding[]> {
  const { clock, random, log, env, version, stop } = deps;
  const looked = await withConnectorState(connectorStatePath(config, connectorId), deps, async (store) => {
    const kept = { tokens: store.tokens, configured: refreshToken };
    const { tokens, done } = writeBackTokens(deps, connectorId, kept);
    const access = boxAccess({ clock, random, log, tokens, env, version }, config);
    try {
      return await checkBox(access, { downloads: takesText(config) }, stop);
    } finally {
      await access.close();
      await done();
    }
  });
  const busy = { what: 'Box', ok: true, found: 'not asked: a sync of this connector runs', advice: 'See how it ends' };
  return looked ?? [busy];
}
