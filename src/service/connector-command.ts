import { randomUUID } from 'node:crypto';
import type { CommandContext } from '../app/command-context.js';
import type { ConnectorRequest } from '../app/connector-request.js';
import { elasticsearchConnection } from '../app/elasticsearch-connection.js';
import { exitCodes } from '../app/exit-codes.js';
import type { LoadedConfig } from '../config/load-config.js';
import type { Config } from '../config/schema.js';
import { assertNever } from '../core/assert-never.js';
import { systemClock } from '../core/clock.js';
import { AbortedError, PermanentError } from '../core/errors.js';
import { elasticsearchClient } from '../sinks/elasticsearch-client.js';
import { cancelConnector } from './cancel-connector.js';
import { connectorRules } from './connector-rules.js';
import type { ConnectorTools } from './connector-tools.js';
import { createConnector } from './create-connector.js';
import { listConnectors } from './list-connectors.js';
import { openProtocol } from './open-protocol.js';
import { showConnector } from './show-connector.js';
import { syncConnector } from './sync-connector.js';

/** Runs one of the `connector` commands on the cluster of the configuration. Resolves to the exit code. */
export async function connectorCommand(
  request: ConnectorRequest,
  { config, given }: LoadedConfig,
  { log, say, stop, version }: CommandContext,
): Promise<number> {
  const clock = systemClock;
  const random = Math.random;
  const client = elasticsearchClient(
    elasticsearchConnection(signInOf(request, config, given), 'command', { clock, random, log, version }),
  );
  try {
    // Which way it takes to the documents is of no interest here.
    const quiet = log.child({}, { level: log.isLevelEnabled('debug') ? 'debug' : 'warn' });
    const protocol = await openProtocol({ client, clock, log: quiet, signal: stop }, config.elasticsearch);
    const tools = { protocol, client, clock, random, log, say, config, newId: randomUUID, stop };
    return await run(tools, request);
  } catch (error) {
    if (error instanceof AbortedError && stop.aborted) return exitCodes.interrupted;
    if (error instanceof PermanentError && error.code === 'index_not_found_exception') {
      throw new PermanentError(
        'Cannot find the connector indices: nobody has created a connector on this cluster yet. "connector create" does, or Kibana',
        { cause: error },
      );
    }
    throw error;
  } finally {
    await client.close();
  }
}

function run(tools: ConnectorTools, request: ConnectorRequest): Promise<number> {
  switch (request.kind) {
    case 'create':
      return createConnector(tools, request);
    case 'list':
      return listConnectors(tools, request);
    case 'show':
      return showConnector(tools, request);
    case 'sync':
      return syncConnector(tools, request);
    case 'cancel':
      return cancelConnector(tools, request);
    case 'rules':
      return connectorRules(tools, request);
    default:
      return assertNever(request);
  }
}

/** A key can make no key, so that where a password is given as well, the user who has it creates connectors. */
function signInOf({ kind }: ConnectorRequest, config: Config, given: LoadedConfig['given']): Config {
  if (kind !== 'create' || !given.has('elasticsearch.password')) return config;
  return { ...config, elasticsearch: { ...config.elasticsearch, api_key: null } };
}
