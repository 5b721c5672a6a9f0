import type { Client } from '@elastic/elasticsearch';
import type { Clock } from '../core/clock.js';
import { PermanentError, TransientError } from '../core/errors.js';
import { elasticsearchError } from '../sinks/elasticsearch-error.js';
import { cancelledJob } from './cancelled-job.js';
import { type ConnectorFacts, type DocumentState, parseConnector, parseConnectorFacts } from './connector-document.js';
import { type JobDocument, parseJob, parseJobFacts } from './job-document.js';
import { type Members, members } from './json-members.js';
import type { Protocol } from './protocol.js';
import { protocolIndices } from './protocol-indices.js';

interface Hit {
  readonly id: string;
  readonly source: unknown;
  readonly state: DocumentState;
}

const openStatuses = ['pending', 'suspended', 'in_progress', 'canceling'];
const mostHits = 1_000;

/** How often a cancellation is tried again that met another write. */
const cancelAttempts = 5;

/** The protocol on the two indices themselves. Writes are seen by the next search: jobs are few. */
export function indexProtocol(client: Client, signal: AbortSignal, clock: Clock): Protocol {
  const { connectors, jobs } = protocolIndices;

  const send = async (
    index: string,
    action: string,
    request: { method: string; path: string; query?: Record<string, string | number | boolean>; body?: object },
  ): Promise<unknown> => {
    try {
      return await client.transport.request(
        {
          method: request.method,
          path: `/${index}${request.path}`,
          querystring: request.query ?? {},
          ...(request.body && { body: request.body }),
        },
        { signal },
      );
    } catch (error) {
      throw elasticsearchError(error, action, index);
    }
  };

  const get = async (index: string, id: string): Promise<Hit | undefined> => {
    const found = await unlessMissing(
      send(index, `read "${id}" of ${index}`, { method: 'GET', path: `/_doc/${encodeURIComponent(id)}` }),
    );
    return found === undefined ? undefined : hitOf(found);
  };

  const search = async (index: string, body: object): Promise<readonly Hit[]> => {
    const answer = await send(index, `search ${index}`, {
      method: 'POST',
      path: '/_search',
      query: { expand_wildcards: 'open,hidden' },
      body: { size: mostHits, seq_no_primary_term: true, track_total_hits: false, ...body },
    });
    return members.list(members.of(members.of(answer)['hits'])['hits']).map(hitOf);
  };

  const job = async (id: string): Promise<JobDocument | undefined> => {
    const hit = await get(jobs, id);
    return hit && parseJob(hit.id, hit.source, hit.state);
  };

  const update = async (
    index: string,
    id: string,
    fields: Members,
    expected: DocumentState | null,
  ): Promise<DocumentState | undefined> => {
    const condition =
      expected === null
        ? { retry_on_conflict: 3 }
        : { if_seq_no: expected.seqNo, if_primary_term: expected.primaryTerm };
    const answer = await unlessMissing(
      send(index, `update "${id}" of ${index}`, {
        method: 'POST',
        path: `/_update/${encodeURIComponent(id)}`,
        query: { refresh: true, ...condition },
        body: { doc: fields },
      }),
      expected !== null,
    );
    return answer === undefined ? undefined : stateOf(answer);
  };

  return {
    async connectors({ ids, serviceTypes }) {
      const byId = ids.length === 0 ? [] : await search(connectors, { query: { ids: { values: ids } } });
      const byType =
        serviceTypes.length === 0
          ? []
          : await search(connectors, {
              query: {
                bool: {
                  filter: [{ terms: { service_type: serviceTypes } }, { term: { is_native: false } }],
                  must_not: [{ term: { deleted: true } }],
                },
              },
            });
      const found = new Map([...byType, ...byId].map((hit) => [hit.id, hit]));
      return [...found.values()]
        .map(({ id, source, state }) => parseConnector(id, source, state))
        .filter(({ deleted }) => !deleted);
    },
    async connector(id) {
      const hit = await get(connectors, id);
      const connector = hit && parseConnector(hit.id, hit.source, hit.state);
      return connector?.deleted === true ? undefined : connector;
    },
    async listConnectors(serviceType, most) {
      const hits = await search(connectors, {
        size: Math.min(most, mostHits),
        query: { bool: { filter: [{ term: { service_type: serviceType } }], must_not: [{ term: { deleted: true } }] } },
      });
      return hits.map(({ id, source }) => parseConnectorFacts(id, source)).toSorted(byId);
    },
    async createConnector(id, fields) {
      const made = send(connectors, 'create a connector', {
        ...(id === null
          ? { method: 'POST', path: '/_doc' }
          : { method: 'PUT', path: `/_create/${encodeURIComponent(id)}` }),
        query: { refresh: true },
        body: fields,
      });
      const answer = await unlessMissing(made, true);
      return answer === undefined ? undefined : (members.text(members.of(answer)['_id']) ?? undefined);
    },
    changeConnector: (id, fields, expected) => update(connectors, id, fields, expected),
    updateConnector: async (id, fields) => (await update(connectors, id, fields, null)) !== undefined,
    async openJobs(connectorIds) {
      const mine = connectorIds === null ? [] : [{ terms: { 'connector.id': connectorIds } }];
      const hits = await search(jobs, {
        query: { bool: { filter: [{ terms: { status: openStatuses } }, ...mine] } },
        sort: [{ created_at: { order: 'asc', missing: '_first', unmapped_type: 'date' } }],
      });
      return hits.map(({ id, source, state }) => parseJob(id, source, state));
    },
    async jobsOf(connectorId, most) {
      const hits = await search(jobs, {
        size: Math.min(most, mostHits),
        query: { term: { 'connector.id': connectorId } },
        sort: [{ created_at: { order: 'desc', missing: '_last', unmapped_type: 'date' } }],
      });
      return hits.map(({ id, source }) => parseJobFacts(id, source));
    },
    async unknownConnectors(ids) {
      if (ids.length === 0) return [];
      // Not by a search, which does not see yet what was made a moment ago.
      const answer = await send(connectors, `look for connectors in ${connectors}`, {
        method: 'POST',
        path: '/_mget',
        query: { _source: false },
        body: { ids },
      });
      const missing = members
        .list(members.of(answer)['docs'])
        .map((doc) => members.of(doc))
        .filter((doc) => doc['found'] === false && doc['error'] === undefined);
      const missingIds = new Set(missing.map((doc) => members.text(doc['_id'])));
      return ids.filter((id) => missingIds.has(id));
    },
    job,
    async createJob(id, fields) {
      const path = `/_create/${encodeURIComponent(id)}`;
      const made = send(jobs, 'create a job', { method: 'PUT', path, query: { refresh: true }, body: fields });
      return (await unlessMissing(made, true)) !== undefined;
    },
    changeJob: (id, fields, expected) => update(jobs, id, fields, expected),
    updateJob: async (id, fields) => (await update(jobs, id, fields, null)) !== undefined,
    async cancelJob(id) {
      for (let attempt = 1; attempt <= cancelAttempts; attempt += 1) {
        const current = await job(id);
        const fields = current && cancelledJob(current, new Date(clock.now()));
        if (fields === undefined) return undefined;
        if (fields === null) return current?.status;
        if ((await update(jobs, id, fields, current ?? null)) !== undefined) return fields.status;
      }
      throw new TransientError(
        `Cannot cancel the job "${id}": it changes all the time, expected one that stands still`,
      );
    },
  };
}

function byId(one: ConnectorFacts, other: ConnectorFacts): number {
  return one.id < other.id ? -1 : 1;
}

/** `undefined` if there is no such document, or (`orConflict`) not in that state. */
async function unlessMissing(work: Promise<unknown>, orConflict = false): Promise<unknown> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof PermanentError && error.status === 404) return undefined;
    if (orConflict && error instanceof PermanentError && error.status === 409) return undefined;
    throw error;
  }
}

function hitOf(found: unknown): Hit {
  const hit = members.of(found);
  return { id: members.text(hit['_id']) ?? '', source: hit['_source'], state: stateOf(found) };
}

function stateOf(answer: unknown): DocumentState {
  const { _seq_no: seqNo, _primary_term: primaryTerm } = members.of(answer);
  return { seqNo: members.count(seqNo), primaryTerm: members.count(primaryTerm) };
}
