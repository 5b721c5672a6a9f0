import { Agent, createServer, type IncomingMessage, request as httpRequest, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Client } from '@elastic/elasticsearch';
import { endpointOf, requestProblems, responseProblems } from './connector-api-spec.js';
import type { Elasticsearch } from './elasticsearch.js';
import { clientOf } from './index-contents.js';

type Fields = Readonly<Record<string, unknown>>;

interface Answer {
  readonly status: number;
  readonly body: Fields;
}

export interface ConnectorApiStub {
  readonly url: string;
  /** Calls by the name of the endpoint in the specification. */
  readonly calls: ReadonlyMap<string, number>;
  /** Where a request, or an answer of the stub itself, is not what the specification says. Has to stay empty. */
  readonly deviations: readonly string[];
  close(): Promise<void>;
}

const connectors = '.elastic-connectors';
const jobs = '.elastic-connectors-sync-jobs';

/**
 * The Connector API in front of a real Elasticsearch that lacks it: translates its calls into reads and writes of the
 * two indices, as Elasticsearch does, with its rules and its answers, and hands everything else on. Whoever calls needs
 * the cluster privileges `monitor_connector` (to read) or `manage_connector`, which the real Elasticsearch judges. Every
 * request and every answer is compared with Elastic's specification. `without`: calls that this version does not have.
 */
export async function startConnectorApiStub(
  elasticsearch: Pick<Elasticsearch, 'url' | 'username' | 'password'>,
  { without = [] }: { readonly without?: readonly string[] } = {},
): Promise<ConnectorApiStub> {
  const client = clientOf(elasticsearch);
  // A connection for each request: nothing is sent on one that the other side is about to close.
  const agent = new Agent({ keepAlive: false });
  const calls = new Map<string, number>();
  const deviations: string[] = [];

  const forward = (incoming: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> =>
    new Promise((resolve, reject) => {
      const others = endToEnd(incoming.headers);
      const headers = body.length === 0 ? others : { ...others, 'content-length': String(body.length) };
      const options = { method: incoming.method ?? 'GET', headers, agent };
      const outgoing = httpRequest(`${elasticsearch.url}${incoming.url ?? '/'}`, options, (answer) => {
        response.writeHead(answer.statusCode ?? 502, endToEnd(answer.headers));
        answer.pipe(response).once('finish', resolve).once('error', reject);
      });
      outgoing.once('error', reject);
      outgoing.end(body);
    });

  const isAllowed = async (authorization: string, privilege: string): Promise<boolean> => {
    const answer = await fetch(`${elasticsearch.url}/_security/user/_has_privileges`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ cluster: [privilege] }),
    });
    return ((await answer.json()) as { has_all_requested?: boolean }).has_all_requested === true;
  };

  const answerTo = async (incoming: IncomingMessage, body: string): Promise<Answer> => {
    const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://stub');
    const method = incoming.method ?? 'GET';
    const found = endpointOf(method, pathname);
    const unknown = { status: 400, body: { error: `no handler found for uri [${pathname}] and method [${method}]` } };
    if (found === undefined) {
      deviations.push(`${method} ${pathname} is not in the specification`);
      return unknown;
    }
    const { endpoint, ids } = found;
    if (without.includes(endpoint.name)) return unknown;
    calls.set(endpoint.name, (calls.get(endpoint.name) ?? 0) + 1);
    const query = Object.fromEntries(searchParams);
    const problems = requestProblems(endpoint, { query, body });
    if (problems.length > 0) {
      deviations.push(...problems);
      return refusal(400, 'x_content_parse_exception', problems.join('; '));
    }
    const privilege = method === 'GET' ? 'monitor_connector' : 'manage_connector';
    if (!(await isAllowed(incoming.headers.authorization ?? '', privilege))) {
      return refusal(403, 'security_exception', `action [cluster:admin/xpack/connector] is unauthorized: ${privilege}`);
    }
    const act = actions[endpoint.name];
    if (act === undefined) {
      deviations.push(`the stub cannot do ${endpoint.name}`);
      return unknown;
    }
    const id = ids['connector_id'] ?? ids['connector_sync_job_id'] ?? '';
    const answer = await act({ client, id, query, body: body === '' ? {} : (JSON.parse(body) as Fields) });
    if (answer.status < 300) deviations.push(...responseProblems(endpoint, answer.body));
    return answer;
  };

  const server = createServer((incoming, response) => {
    const handle = async () => {
      const body = await bytesOf(incoming);
      if (!/^\/_connector(?:[/?]|$)/.test(incoming.url ?? '')) {
        await forward(incoming, body, response);
        return;
      }
      const answer = await answerTo(incoming, body.toString('utf8'));
      response.writeHead(answer.status, {
        'content-type': 'application/json',
        'x-elastic-product': 'Elasticsearch',
      });
      response.end(JSON.stringify(answer.body));
    };
    handle().catch((error: unknown) => {
      // Somebody who hangs up in the middle is not the stub's fault.
      if (!response.destroyed) deviations.push(`the stub failed: ${String(error)}`);
      response.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    deviations,
    async close() {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await client.close();
    },
  };
}

interface Call {
  readonly client: Client;
  /** Of the connector or job in the path. */
  readonly id: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: Fields;
}

type Action = (call: Call) => Promise<Answer>;

/** By the name in the specification: what Elasticsearch does. */
const actions: Readonly<Record<string, Action>> = {
  'connector.check_in': changing(() => ({ last_seen: now() })),
  'connector.last_sync': changing(({ body }) => body),
  'connector.update_api_key_id': changing(({ body }) => body),
  'connector.update_features': changing(({ body }) => body),
  'connector.update_index_name': changing(({ body }) => body),
  'connector.update_name': changing(({ body }) => body),
  'connector.update_pipeline': changing(({ body }) => body),
  'connector.update_scheduling': changing(({ body }) => body),
  'connector.update_error': changing(({ body: { error } }) => ({ error, status: error ? 'error' : 'connected' })),
  'connector.update_status': changing(({ body: { status } }, source) => {
    const from = String(source['status']);
    if (!connectorTransitions[from]?.includes(String(status))) {
      return refusal(400, 'status_exception', `Invalid transition attempt from [${from}] to [${String(status)}].`);
    }
    return { status };
  }),
  'connector.update_configuration': changing(({ body: { values, configuration } }, source) => {
    if (configuration !== undefined) return { configuration, status: 'configured' };
    const known = (source['configuration'] ?? {}) as Fields;
    const given = Object.entries((values ?? {}) as Fields);
    const unknown = given.map(([key]) => key).filter((key) => !(key in known));
    if (unknown.length > 0) {
      return refusal(
        400,
        'status_exception',
        `Unknown [configuration] fields in the request payload: [${unknown.join()}]`,
      );
    }
    return { configuration: Object.fromEntries(given.map(([key, value]) => [key, { value }])), status: 'configured' };
  }),
  'connector.list': async ({ client, query }) => {
    const types = query['service_type']?.split(',');
    const { hits } = await client.search<Fields>({
      index: connectors,
      from: Number(query['from'] ?? 0),
      size: Number(query['size'] ?? 100),
      track_total_hits: true,
      query: {
        bool: {
          must: types === undefined ? [] : [{ terms: { service_type: types } }],
          must_not: [{ term: { deleted: true } }],
        },
      },
    });
    return listOf(hits, connectorAnswer);
  },
  'connector.post': async ({ client, body }) => {
    const document = { ...newConnector(), ...body };
    const { _id: id } = await client.index({ index: connectors, document, refresh: true });
    return { status: 201, body: { id, result: 'created' } };
  },
  'connector.sync_job_list': async ({ client, query }) => {
    const { hits } = await client.search<Fields>({
      index: jobs,
      from: Number(query['from'] ?? 0),
      size: Number(query['size'] ?? 100),
      track_total_hits: true,
      query:
        query['connector_id'] === undefined ? { match_all: {} } : { term: { 'connector.id': query['connector_id'] } },
      sort: [{ created_at: { order: 'desc' } }],
    });
    return listOf(hits, jobAnswer);
  },
  'connector.sync_job_check_in': changingJob(() => ({ last_seen: now() })),
  'connector.sync_job_update_stats': changingJob(({ body }) => ({ last_seen: now(), ...body })),
  'connector.sync_job_error': changingJob(
    ({ body: { error } }, source) => jobTransition(source, 'error') ?? { error, status: 'error', completed_at: now() },
  ),
  'connector.sync_job_cancel': changingJob((_, source) => {
    const isWaiting = source['status'] === 'pending' || source['status'] === 'suspended';
    const next = isWaiting ? 'canceled' : 'canceling';
    const at = now();
    return (
      jobTransition(source, next) ?? {
        status: next,
        cancelation_requested_at: at,
        ...(isWaiting && { canceled_at: at, completed_at: at }),
      }
    );
  }, true),
};

/** Which status of a connector may follow which, as Elasticsearch has it. */
const connectorTransitions: Readonly<Record<string, readonly string[]>> = {
  created: ['needs_configuration', 'error'],
  needs_configuration: ['configured', 'error'],
  configured: ['needs_configuration', 'connected', 'error'],
  connected: ['configured', 'error'],
  error: ['configured', 'connected'],
};

const jobTransitions: Readonly<Record<string, readonly string[]>> = {
  pending: ['in_progress', 'canceled'],
  in_progress: ['canceling', 'completed', 'error', 'suspended'],
  canceling: ['canceled', 'error'],
  suspended: ['canceled', 'in_progress'],
};

function jobTransition({ status }: Fields, next: string): Answer | undefined {
  if (jobTransitions[String(status)]?.includes(next)) return undefined;
  return refusal(
    400,
    'status_exception',
    `Invalid transition attempt from [${String(status)}] to [${next}]. Such a transition is not supported by the Connector Protocol.`,
  );
}

/** Reads a connector and writes what comes of it. */
function changing(fieldsOf: (call: Call, source: Fields) => Fields | Answer): Action {
  return (call) => changeIn(connectors, call, fieldsOf, { result: 'updated' });
}

function changingJob(fieldsOf: (call: Call, source: Fields) => Fields | Answer, saysResult = false): Action {
  return (call) => changeIn(jobs, call, fieldsOf, saysResult ? { result: 'updated' } : {});
}

async function changeIn(
  index: string,
  call: Call,
  fieldsOf: (call: Call, source: Fields) => Fields | Answer,
  answer: Fields,
): Promise<Answer> {
  const { client, id } = call;
  const found = await client.get<Fields>({ index, id }, { ignore: [404] });
  if (!found.found) return refusal(404, 'resource_not_found_exception', `[${id}] not found`);
  const fields = fieldsOf(call, found._source ?? {});
  if (isAnswer(fields)) return fields;
  await client.update({ index, id, doc: fields, refresh: true, retry_on_conflict: 5 });
  return { status: 200, body: answer };
}

function isAnswer(value: Fields | Answer): value is Answer {
  return typeof value['status'] === 'number';
}

function refusal(status: number, type: string, reason: string): Answer {
  return { status, body: { error: { type, reason, root_cause: [{ type, reason }] }, status } };
}

interface Hits {
  readonly hits: readonly { readonly _id?: string; readonly _source?: Fields }[];
  readonly total?: unknown;
}

function listOf({ hits, total }: Hits, answerOf: (id: string, source: Fields) => Fields): Answer {
  const count = (total as { value: number }).value;
  return { status: 200, body: { count, results: hits.map(({ _id = '', _source = {} }) => answerOf(_id, _source)) } };
}

/** Without what is null: the specification lets most members be missing, but not be null. */
function connectorAnswer(id: string, source: Fields): Fields {
  return { ...newConnector(), deleted: false, ...withoutNulls(source), id };
}

function jobAnswer(id: string, source: Fields): Fields {
  const { filtering, ...connector } = withoutNulls((source['connector'] ?? {}) as Fields);
  return {
    created_at: now(),
    deleted_document_count: 0,
    indexed_document_count: 0,
    indexed_document_volume: 0,
    job_type: 'full',
    metadata: {},
    total_document_count: 0,
    trigger_method: 'on_demand',
    ...withoutNulls(source),
    connector: {
      configuration: {},
      index_name: '',
      service_type: '',
      ...connector,
      filtering: Array.isArray(filtering) || filtering === undefined ? noRules() : filtering,
    },
    id,
  };
}

function withoutNulls(source: Fields): Fields {
  return Object.fromEntries(Object.entries(source).filter(([, value]) => value !== null));
}

function noRules(): Fields {
  return { advanced_snippet: { value: {} }, rules: [], validation: { errors: [], state: 'valid' } };
}

/** What Elasticsearch fills in. */
function newConnector(): Fields {
  const off = { enabled: false, interval: '0 0 0 * * ?' };
  return {
    configuration: {},
    custom_scheduling: {},
    filtering: [{ domain: 'DEFAULT', active: noRules(), draft: noRules() }],
    is_native: false,
    scheduling: { access_control: off, full: off, incremental: off },
    status: 'created',
    sync_now: false,
  };
}

function now(): string {
  return new Date().toISOString();
}

/** Without what concerns one connection only. */
function endToEnd(headers: IncomingMessage['headers']): IncomingMessage['headers'] {
  const own = ['connection', 'keep-alive', 'transfer-encoding'];
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !own.includes(name)));
}

async function bytesOf(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
