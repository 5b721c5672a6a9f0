import type { Client } from '@elastic/elasticsearch';
import { PermanentError } from '../core/errors.js';
import { elasticsearchError } from './elasticsearch-error.js';
import { type FieldMapping, indexMappings } from './index-mappings.js';
import { isObject } from './is-object.js';
import { compareMappings } from './mapping-conflicts.js';
import { wrongAnswer } from './wrong-answer.js';

export interface PrepareIndexOptions {
  readonly index: string;
  /** Default: those of the default document. */
  readonly mappings?: Readonly<Record<string, FieldMapping>>;
}

export interface PreparedIndex {
  /** Tells this index from another one of the same name; of the index that is written to, where the name is an alias. */
  readonly indexUuid: string;
  readonly created: boolean;
}

/**
 * Makes the index fit to be written to: creates it if it is missing, else reads its mapping and adds the fields that
 * are not there (so that `_sync` is not indexed). The name may be an alias with one index to write to.
 *
 * Throws `PermanentError` where the mapping contradicts ours, naming field, found and expected types; where the name is
 * a data stream, which takes no updates; where an alias has no index to write to. It needs `create_index`,
 * `view_index_metadata` and `manage` on the index, nothing on the cluster.
 */
export async function prepareIndex(
  client: Client,
  { index, mappings = indexMappings }: PrepareIndexOptions,
  signal?: AbortSignal,
): Promise<PreparedIndex> {
  const found = await readIndex(client, index, signal);
  if (found === undefined) {
    const created = await createIndex(client, index, mappings, signal);
    const now = await readIndex(client, index, signal);
    if (now === undefined) {
      throw new PermanentError(`Cannot use the index "${index}": it is gone right after it was created`);
    }
    return { indexUuid: now.uuid, created };
  }
  const { conflicts, missing } = compareMappings(found.properties, mappings);
  if (conflicts.length > 0) {
    const lines = conflicts.map(
      (conflict) =>
        `- field "${conflict.field}" is of type ${conflict.found}, expected one of ${conflict.expected.join(', ')}`,
    );
    throw new PermanentError(
      `Cannot write into the index "${index}": its mapping contradicts the documents:\n${lines.join('\n')}\nUse another index, or delete this one and start again: it is then created with the right mapping`,
      { code: 'mapping_conflict' },
    );
  }
  if (Object.keys(missing).length > 0) {
    await ask(`add fields to the mapping of the index "${index}"`, index, () =>
      client.transport.request(
        { method: 'PUT', path: `/${encodeURIComponent(found.name)}/_mapping`, body: { properties: missing } },
        { ...(signal && { signal }) },
      ),
    );
  }
  return { indexUuid: found.uuid, created: false };
}

/** The `indexUuid` that `prepareIndex` would find; `undefined` if there is no index of the name. Changes nothing. */
export async function findIndex(client: Client, index: string, signal?: AbortSignal): Promise<string | undefined> {
  return (await readIndex(client, index, signal))?.uuid;
}

interface FoundIndex {
  readonly name: string;
  readonly uuid: string;
  readonly properties: Readonly<Record<string, FieldMapping>>;
}

/** What `GET /index` says of one index; only what is looked at. */
interface IndexState {
  readonly data_stream?: string;
  readonly aliases?: Readonly<Record<string, { readonly is_write_index?: boolean }>>;
  readonly mappings?: { readonly properties?: Readonly<Record<string, FieldMapping>> };
  readonly settings: { readonly index: { readonly uuid: string } };
}

/** The index that writes to this name go to; `undefined` if there is none of the name. */
async function readIndex(client: Client, index: string, signal?: AbortSignal): Promise<FoundIndex | undefined> {
  const action = `read the index "${index}"`;
  const answer: unknown = await ask(action, index, () =>
    client.transport.request(
      {
        method: 'GET',
        path: `/${encodeURIComponent(index)}`,
        querystring: { ignore_unavailable: true, allow_no_indices: true },
      },
      { ...(signal && { signal }) },
    ),
  );
  const all = Object.entries(parseStates(answer, action));
  const [only] = all;
  if (only === undefined) return undefined;
  if (all.some(([, state]) => state.data_stream !== undefined)) {
    throw new PermanentError(
      `Cannot write into "${index}": it is a data stream, which takes no updates and deletes, expected an index or an alias of one. Set "index" to another name`,
    );
  }
  const writable = all.filter(([, state]) => state.aliases?.[index]?.is_write_index === true);
  const single = all.length === 1 && only[1].aliases?.[index]?.is_write_index !== false ? only : undefined;
  const target = writable[0] ?? single;
  if (target === undefined) {
    throw new PermanentError(
      `Cannot write into "${index}": it is an alias of ${all.length} indices (${all.map(([name]) => name).join(', ')}) of which none is to be written to, expected one with "is_write_index": true`,
    );
  }
  const [name, state] = target;
  return { name, uuid: state.settings.index.uuid, properties: state.mappings?.properties ?? {} };
}

/** By name. One without an UUID is none: whatever is done next would be done to something else. */
function parseStates(answer: unknown, action: string): Readonly<Record<string, IndexState>> {
  const states: Record<string, IndexState> = {};
  if (!isObject(answer)) throw wrongAnswer(action, answer, 'it names no indices');
  for (const [name, state] of Object.entries(answer)) {
    if (!isState(state)) throw wrongAnswer(action, answer, `"${name}.settings.index.uuid" is missing`);
    states[name] = state;
  }
  return states;
}

function isState(state: unknown): state is IndexState {
  const settings = isObject(state) ? state['settings'] : undefined;
  const index = isObject(settings) ? settings['index'] : undefined;
  const uuid = isObject(index) ? index['uuid'] : undefined;
  return typeof uuid === 'string' && uuid !== '';
}

/** False if another process was faster. */
async function createIndex(
  client: Client,
  index: string,
  properties: Readonly<Record<string, FieldMapping>>,
  signal?: AbortSignal,
): Promise<boolean> {
  try {
    await ask(`create the index "${index}"`, index, () =>
      client.transport.request(
        { method: 'PUT', path: `/${encodeURIComponent(index)}`, body: { mappings: { properties } } },
        { ...(signal && { signal }) },
      ),
    );
    return true;
  } catch (error) {
    if (error instanceof PermanentError && error.code === 'resource_already_exists_exception') return false;
    throw error;
  }
}

async function ask<T>(action: string, index: string, request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    throw elasticsearchError(error, action, index);
  }
}
