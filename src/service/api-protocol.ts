import { type Client, errors } from '@elastic/elasticsearch';
import { AuthError, PermanentError } from '../core/errors.js';
import { elasticsearchError } from '../sinks/elasticsearch-error.js';
import { type ConnectorApiCall, connectorCalls, jobCalls } from './connector-api-calls.js';
import { parseConnectorFacts } from './connector-document.js';
import { parseJobFacts } from './job-document.js';
import { type Members, members } from './json-members.js';
import type { Protocol } from './protocol.js';

/** Bound of every list, as the port has it. */
const mostListed = 1_000;
const perPage = 100;

/** What the body of `POST /_connector` may hold. */
const creationFields = ['description', 'index_name', 'is_native', 'language', 'name', 'service_type'];

/**
 * The protocol through the Connector API, for what the API can do without giving up what the port holds. Elasticsearch
 * offers no condition in it, so whatever depends on the state that was read (a claim, the verdict on sync rules) goes
 * to `direct`, and so does reading that state. A call that this version of Elasticsearch does not have goes there too.
 */
export function apiProtocol(client: Client, signal: AbortSignal, direct: Protocol): Protocol {
  const send = async ({ method, path, query, body, action }: ConnectorApiCall): Promise<Members> => {
    try {
      const answer = await client.transport.request(
        { method, path, querystring: query ?? {}, ...(body && { body }) },
        { signal },
      );
      return members.of(answer);
    } catch (error) {
      if (error instanceof errors.ResponseError && error.statusCode === 403) {
        throw new AuthError(
          `Cannot ${action}: Elasticsearch answered 403, expected a key with the cluster privileges monitor_connector and manage_connector. Give them to the key in "elasticsearch.api_key", or set "elasticsearch.feature_use_connectors_api" to false`,
        );
      }
      throw elasticsearchError(error, action, '');
    }
  };

  /** Whether there was what is to be changed. */
  const change = async (call: ConnectorApiCall, instead: (fields: Members) => Promise<boolean>): Promise<boolean> => {
    try {
      await send(call);
      return true;
    } catch (error) {
      if (!(error instanceof PermanentError)) throw error;
      if (error.status === 404) return false;
      if (isUnknownCall(error) || (call.mayBeRefused && error.status === 400)) return instead(call.fields);
      throw error;
    }
  };

  const inTurn = async (
    { calls, rest }: { readonly calls: readonly ConnectorApiCall[]; readonly rest: Members },
    instead: (fields: Members) => Promise<boolean>,
  ): Promise<boolean> => {
    // What no call takes first: a call may set the status, which ends things.
    if (Object.keys(rest).length > 0 && !(await instead(rest))) return false;
    for (const call of calls) if (!(await change(call, instead))) return false;
    return true;
  };

  const list = async <T>(
    request: { readonly action: string; readonly path: string; readonly query: Readonly<Record<string, string>> },
    most: number,
    parse: (id: string, source: unknown) => T,
  ): Promise<readonly T[]> => {
    const found = new Map<string, T>();
    const bound = Math.min(most, mostListed);
    for (let from = 0; from < bound; from += perPage) {
      const size = Math.min(perPage, bound - from);
      const answer = await send({ ...request, method: 'GET', query: { ...request.query, from, size }, fields: {} });
      const page = answer['results'];
      if (!Array.isArray(page)) throw unexpected(request.action, 'results', page, 'a list');
      for (const [position, one] of page.entries()) {
        const id = members.text(members.of(one)['id']);
        if (id === null) throw unexpected(request.action, `results[${position}].id`, members.of(one)['id'], 'a text');
        found.set(id, parse(id, one));
      }
      if (page.length < size) break;
    }
    return [...found.values()];
  };

  const updateConnector = (id: string, fields: Members): Promise<boolean> =>
    inTurn(connectorCalls(id, fields), (left) => direct.updateConnector(id, left));

  return {
    ...direct,
    async listConnectors(serviceType, most) {
      const request = {
        action: 'list the connectors',
        path: '/_connector',
        query: { service_type: serviceType },
      };
      // All of them, since the API has an order of its own.
      const all = await list(request, mostListed, parseConnectorFacts);
      return all.toSorted((one, other) => (one.id < other.id ? -1 : 1)).slice(0, most);
    },
    async createConnector(id, fields) {
      // The API would put a new connector in the place of the one that has the id.
      if (id !== null) return direct.createConnector(id, fields);
      const isOfCreation = ([name, value]: [string, unknown]) => creationFields.includes(name) && value !== null;
      const entries = Object.entries(fields);
      const action = 'create a connector';
      const body = Object.fromEntries(entries.filter(isOfCreation));
      const answer = await send({ action, method: 'POST', path: '/_connector', body, fields });
      const made = members.text(answer['id']);
      if (made === null) throw unexpected(action, 'id', answer['id'], 'a text');
      const rest = Object.fromEntries(entries.filter((entry) => !isOfCreation(entry)));
      return Object.keys(rest).length === 0 || (await updateConnector(made, rest)) ? made : undefined;
    },
    updateConnector,
    jobsOf: (connectorId, most) =>
      list(
        {
          action: `list the jobs of the connector "${connectorId}"`,
          path: '/_connector/_sync_job',
          query: { connector_id: connectorId },
        },
        most,
        parseJobFacts,
      ),
    updateJob: (id, fields) => inTurn(jobCalls(id, fields), (left) => direct.updateJob(id, left)),
    async cancelJob(id) {
      const action = `cancel the job "${id}"`;
      const path = `/_connector/_sync_job/${encodeURIComponent(id)}/_cancel`;
      try {
        await send({ action, method: 'PUT', path, fields: {} });
      } catch (error) {
        if (!(error instanceof PermanentError)) throw error;
        if (error.status === 404) return undefined;
        if (isUnknownCall(error)) return direct.cancelJob(id);
        // It has ended, or is being cancelled: which, its status says.
        if (error.status !== 400) throw error;
      }
      return (await direct.job(id))?.status;
    },
  };
}

/** Answers of a version, or of something in front of it, that does not know the path: without the type of an error. */
function isUnknownCall({ status, code }: PermanentError): boolean {
  return status === 405 || (status === 400 && code === undefined);
}

function unexpected(action: string, field: string, found: unknown, expected: string): PermanentError {
  const shown = found === undefined ? 'missing' : JSON.stringify(found).slice(0, 100);
  return new PermanentError(
    `Cannot ${action}: "${field}" of the answer is ${shown}, expected ${expected}. Set "elasticsearch.feature_use_connectors_api" to false to do without the Connector API`,
  );
}
