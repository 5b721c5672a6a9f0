import type { Client } from '@elastic/elasticsearch';
import { PermanentError } from '../core/errors.js';
import { elasticsearchError } from '../sinks/elasticsearch-error.js';
import { type DocumentState, parseConnector } from './connector-document.js';
import { parseJob } from './job-document.js';
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

/** The protocol on the two indices themselves. Writes are seen by the next search: jobs are few. */
export function indexProtocol(client: Client, signal: AbortSignal): Protocol {
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
    async unknownConnectors(ids) {
      if (ids.length === 0) return [];
      const hits = await search(connectors, { query: { ids: { values: ids } }, _source: false });
      const known = new Set(hits.map(({ id }) => id));
      return ids.filter((id) => !known.has(id));
    },
    async job(id) {
      const hit = await get(jobs, id);
      return hit && parseJob(hit.id, hit.source, hit.state);
    },
    async createJob(id, fields) {
      const path = `/_create/${encodeURIComponent(id)}`;
      const made = send(jobs, 'create a job', { method: 'PUT', path, query: { refresh: true }, body: fields });
      return (await unlessMissing(made, true)) !== undefined;
    },
    changeJob: (id, fields, expected) => update(jobs, id, fields, expected),
    updateJob: async (id, fields) => (await update(jobs, id, fields, null)) !== undefined,
  };
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
