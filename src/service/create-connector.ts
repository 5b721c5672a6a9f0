import { existsSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { exitCodes } from '../app/exit-codes.js';
import type { CreateRequest } from '../app/connector-request.js';
import { AbortedError, ConfigError, PermanentError } from '../core/errors.js';
import { messageOf } from '../core/message-of.js';
import { prepareIndex } from '../sinks/elasticsearch-index.js';
import { checkConfigurationValues } from './configuration-values.js';
import type { ConnectorDocument } from './connector-document.js';
import { canMakeKeys, makeConnectorKey } from './connector-key.js';
import { connectorLines } from './connector-lines.js';
import { checkSecretStore, keepSecret } from './connector-secret.js';
import type { ConnectorTools } from './connector-tools.js';
import { valuesOfBox, valuesOfOptions } from './form-values.js';
import { members } from './json-members.js';
import { newConnector } from './new-connector.js';
import { ensureProtocolIndices } from './protocol-indices.js';

/** Elasticsearch takes no longer ids. */
const longestId = 512;

/**
 * Creates a connector, its index and its key, and prints the lines for `config.yml` on stdout; what it does on the way
 * is in the log, without the key. Everything that can be known beforehand is looked at before anything is created.
 *
 * Each step can be repeated: what is there is used. Rejects with what was created so far, and how to go on.
 */
export async function createConnector(tools: ConnectorTools, request: CreateRequest): Promise<number> {
  const { protocol, client, config, log, say, stop } = tools;
  const id = request.id ?? tools.newId();
  const plan = planOf(tools, request, id);
  const { indexName, keyFile } = plan;
  await ensureProtocolIndices(client, stop);
  if (request.native) await checkSecretStore(client, stop);
  const hasKeys = request.key && (await canMakeKeys(client, stop));
  if (request.key && !hasKeys) log.warn('Elasticsearch has no security switched on: no key is made');
  await checkIndexIsFree(tools, id, indexName);
  const present = await protocol.connector(id);
  if (present !== undefined && (present.indexName !== indexName || present.serviceType !== 'box')) {
    throw new ConfigError([
      `Cannot create the connector "${id}": there is one of this id, for the index ${JSON.stringify(present.indexName)} and with the service_type ${JSON.stringify(present.serviceType)}, expected a free id. Use another --id, or look at it with "connector show"`,
    ]);
  }

  const done: string[] = [];
  try {
    if (present === undefined) {
      if ((await protocol.createConnector(id, plan.fields)) === undefined) {
        throw new PermanentError(
          `Cannot create the connector "${id}": there is or was one of this id, expected a free one. Use another --id`,
        );
      }
      done.push(`the connector "${id}"`);
      log.info(`The connector "${id}" is created`);
    } else {
      log.warn(`The connector "${id}" is there: it stays as it is, and what it lacks is added`);
      await fillIn(tools, present, plan);
    }
    const { created } = await prepareIndex(client, { index: indexName }, stop);
    if (created) done.push(`the index "${indexName}"`);
    log.info(`The index "${indexName}" ${created ? 'is created' : 'was there: its mapping takes our documents'}`);

    // Where the file has a key for the connector indices, this one need not open them.
    const isForProtocol = config.elasticsearch.api_key === null;
    const key = hasKeys
      ? await makeConnectorKey(client, { connectorId: id, indexName, isForProtocol }, stop)
      : undefined;
    let secretId: string | undefined;
    if (key !== undefined) {
      done.push(`the API key with the id "${key.id}", which nobody has seen: revoke it`);
      log.info(`The API key with the id "${key.id}" is made for ${scopeOf(indexName, isForProtocol)}`);
      if (present !== undefined) {
        log.warn(
          `If this connector had a key before ("box-connector-${id}" in Kibana): revoke what is not used any more`,
        );
      }
      if (request.native) secretId = await keepSecret(client, key.encoded, stop);
      const ids = { api_key_id: key.id, ...(secretId !== undefined && { api_key_secret_id: secretId }) };
      await protocol.updateConnector(id, ids);
      if (keyFile !== null) writeKey(keyFile, key.encoded);
    }
    if (request.json) {
      say(
        JSON.stringify({
          connector_id: id,
          index_name: indexName,
          status: (await protocol.connector(id))?.status ?? null,
          created: { connector: present === undefined, index: created },
          api_key_id: key?.id ?? null,
          api_key_secret_id: secretId ?? null,
          ...(key !== undefined && (keyFile === null ? { api_key: key.encoded } : { api_key_file: keyFile })),
        }),
      );
      return exitCodes.complete;
    }
    const shown = key === undefined ? null : keyFile === null ? key : { file: keyFile };
    const { host } = config.elasticsearch;
    say('# For the config.yml of the service; where it has "connectors" already, add the entry to them:');
    for (const line of connectorLines({ host, connectorId: id, key: shown, isForProtocol })) say(line);
    const isOpen = plan.problem !== null && (present === undefined || isUnfilled(present));
    if (isOpen) {
      log.warn(`The connector waits for its form to be filled in, in Kibana or by the API: ${plan.problem}`);
    }
    return exitCodes.complete;
  } catch (error) {
    if (error instanceof AbortedError || done.length === 0) throw error;
    const again = `--id ${JSON.stringify(id)} --index ${JSON.stringify(indexName)}`;
    throw new PermanentError(
      `${messageOf(error)}\nCreated so far: ${done.join(', ')}. To go on, repeat the command with ${again}`,
      { cause: error },
    );
  }
}

interface Plan {
  readonly indexName: string;
  readonly keyFile: string | null;
  readonly fields: ReturnType<typeof newConnector>;
  /** What the form lacks; `null`: nothing. */
  readonly problem: string | null;
}

function isUnfilled({ status }: ConnectorDocument): boolean {
  return status === 'created' || status === 'needs_configuration';
}

/** A form that somebody has filled in is theirs. */
async function fillIn({ protocol, log }: ConnectorTools, present: ConnectorDocument, plan: Plan): Promise<void> {
  if (plan.problem !== null) return;
  if (!isUnfilled(present)) {
    log.warn(`Its form is filled in already (the connector is ${present.status}): it is not changed`);
    return;
  }
  const configuration = plan.fields['configuration'];
  await protocol.updateConnector(present.id, { configuration, status: 'configured' });
  log.info('Its form is filled in');
}

/** All that the command line and the configuration say, checked. Throws a `ConfigError` with every fault. */
function planOf({ config, clock }: ConnectorTools, request: CreateRequest, id: string): Plan {
  const problems: string[] = [];
  const collect = <T>(read: () => T, otherwise: T): T => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems);
      return otherwise;
    }
  };
  if (id.trim() === '' || id === '.' || id === '..' || id === 'changeme' || Buffer.byteLength(id) > longestId) {
    problems.push(
      `Cannot create the connector ${JSON.stringify(id.slice(0, 100))}: expected an id of 1 to ${longestId} bytes that is not ".", ".." or "changeme"`,
    );
  }
  if (config.index === null) {
    problems.push('Cannot create a connector without an index: expected --index NAME, or "index" in the configuration');
  }
  const keyFile = request.keyFile === null ? null : resolve(request.keyFile);
  if (keyFile !== null && !request.key) problems.push('Cannot use --key-file with --no-key: expected one of them');
  if (request.native && !request.key) problems.push('Cannot use --native with --no-key: expected one of them');
  if (keyFile !== null && existsSync(keyFile)) {
    problems.push(`Cannot write the key to "${keyFile}": there is a file, expected none. Use another --key-file`);
  }
  const values = {
    ...(request.fromConfig ? collect(() => valuesOfBox(config.box), {}) : {}),
    ...collect(() => valuesOfOptions(request.set), {}),
  };
  if (problems.length > 0) throw new ConfigError(problems);
  const indexName = config.index ?? '';
  const fieldsIf = (isComplete: boolean) =>
    newConnector({
      name: request.name ?? indexName,
      indexName,
      language: request.language,
      isNative: request.native,
      pipeline: config.pipeline,
      values,
      isComplete,
      now: new Date(clock.now()),
    });
  const complete = fieldsIf(true);
  const checked = checkConfigurationValues(members.of(complete['configuration']), config);
  if (!('problem' in checked)) return { indexName, keyFile, fields: complete, problem: null };
  // Nothing filled in is a form to be filled in; something wrong is not.
  if (Object.keys(values).length > 0) {
    throw new ConfigError([
      `Cannot fill in the form of the connector: ${checked.problem} Give the rest by --set KEY=VALUE or in the "box" section with --from-config (a refresh token: "login --print"), or nothing at all, to fill it in later`,
    ]);
  }
  return { indexName, keyFile, fields: fieldsIf(false), problem: checked.problem };
}

/** Two connectors on one index would delete each other's documents. */
async function checkIndexIsFree({ protocol }: ConnectorTools, id: string, indexName: string): Promise<void> {
  const others = await protocol.listConnectors('box', 1_000);
  const other = others.find((one) => one.indexName === indexName && one.id !== id);
  if (other === undefined) return;
  throw new ConfigError([
    `Cannot create the connector "${id}": the index "${indexName}" belongs to the connector "${other.id}", expected one of its own. Use another --index, or --id ${JSON.stringify(other.id)} to go on with that one`,
  ]);
}

function scopeOf(indexName: string, isForProtocol: boolean): string {
  return `the index "${indexName}" ${isForProtocol ? 'and the connector indices' : 'alone'}`;
}

/** Only its owner may read it; there was no such file. */
function writeKey(path: string, encoded: string): void {
  try {
    writeFileSync(path, `${encoded}\n`, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    throw new PermanentError(`Cannot write the key to "${path}": ${messageOf(error)}, expected a new file there`);
  }
}
