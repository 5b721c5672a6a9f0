import { Client } from '@elastic/elasticsearch';
import * as assert from 'uvu/assert';
import type { BoxModel } from '../../src/simulator/box-model.js';
import type { TruthItem } from '../../src/simulator/truth.js';
import type { Elasticsearch } from './elasticsearch.js';

export type IndexedSource = Readonly<Record<string, unknown>>;

export function clientOf(es: Pick<Elasticsearch, 'url' | 'username' | 'password'>): Client {
  return new Client({ node: es.url, auth: { username: es.username, password: es.password }, maxRetries: 3 });
}

/** Every document of an index by `_id`. */
export async function indexContents(client: Client, index: string): Promise<Map<string, IndexedSource>> {
  await client.indices.refresh({ index });
  const documents = new Map<string, IndexedSource>();
  const pit = await client.openPointInTime({ index, keep_alive: '1m' });
  let after: unknown[] | undefined;
  for (;;) {
    const { hits } = await client.search<IndexedSource>({
      pit: { id: pit.id, keep_alive: '1m' },
      size: 5_000,
      sort: [{ _shard_doc: 'asc' }],
      track_total_hits: false,
      ...(after === undefined ? {} : { search_after: after as never }),
    });
    for (const hit of hits.hits) documents.set(hit._id ?? '', hit._source ?? {});
    after = hits.hits.at(-1)?.sort;
    if (after === undefined) break;
  }
  await client.closePointInTime({ id: pit.id });
  return documents;
}

/** What a document must say of its item, whatever the extraction. */
export function truthDocument(item: TruthItem): IndexedSource {
  const entry = item.entry as IndexedSource;
  const isLink = item.type === 'web_link';
  const isFile = item.type === 'file';
  const utc = (text: unknown) =>
    typeof text === 'string' ? new Date(text).toISOString().replace(/\.\d{3}Z$/, 'Z') : null;
  const own = (name: string) => entry[name] ?? null;
  return {
    type: item.type,
    name: item.name,
    path: item.path,
    ancestors: item.ancestors,
    size: isLink ? null : (item.size ?? null),
    description: item.description,
    created_at: utc(item.createdAt),
    modified_at: utc(item.modifiedAt),
    _timestamp: utc(item.modifiedAt),
    url: item.url,
    sha1: isFile ? item.sha1 : null,
    extension: isFile ? item.extension : null,
    tags: isLink ? null : own('tags'),
    owned_by: idIn(own('owned_by')),
    parent: idIn(own('parent')),
    file_version: isFile ? item.fileVersionId : null,
  };
}

/** The same for all of Box, by `type id`. */
export function truthDocuments(box: BoxModel): Map<string, IndexedSource> {
  return new Map(Array.from(box.truth(), (item) => [`${item.type} ${item.id}`, truthDocument(item)]));
}

/** What `truthDocument` looks at, taken from an indexed document. */
export function comparable(source: IndexedSource, like: IndexedSource): IndexedSource {
  const idOf = (name: string) => idIn(source[name]);
  return Object.fromEntries(
    Object.keys(like).map((name) => [
      name,
      name === 'owned_by' || name === 'parent' || name === 'file_version' ? idOf(name) : source[name],
    ]),
  );
}

/**
 * Fails, with the first differences, unless the index is exactly the simulated Box: the same documents, and in each the
 * fields of `truthDocuments`. `except` names items (`type id`) that are not looked at. `folderSizes: false` after
 * changes: the size of a folder is as it was when the folder was last written.
 */
export function assertEqualsBox(
  documents: ReadonlyMap<string, IndexedSource>,
  box: BoxModel,
  {
    except = new Set<string>(),
    folderSizes = true,
  }: { readonly except?: ReadonlySet<string>; readonly folderSizes?: boolean } = {},
): void {
  const expected = truthDocuments(box);
  const found = new Map<string, IndexedSource>();
  for (const [id, source] of documents) {
    const type = String(source['type']);
    const boxId = (source['_sync'] as { readonly id?: string } | undefined)?.id ?? id;
    assert.is(source['id'], id);
    found.set(`${type} ${boxId}`, source);
  }
  const missing = [...expected.keys()].filter((key) => !found.has(key) && !except.has(key));
  const surplus = [...found.keys()].filter((key) => !expected.has(key) && !except.has(key));
  assert.equal(
    {
      missing: missing.slice(0, 10),
      missingCount: missing.length,
      surplus: surplus.slice(0, 10),
      surplusCount: surplus.length,
    },
    { missing: [], missingCount: 0, surplus: [], surplusCount: 0 },
  );
  for (const [key, truth] of expected) {
    const source = found.get(key);
    if (source === undefined || except.has(key)) continue;
    const like = truth['type'] === 'folder' && !folderSizes ? { ...truth, size: source['size'] } : truth;
    assert.equal(comparable(source, like), like, `document of ${key}`);
  }
}

/** The `id` of an object, `null` without. */
function idIn(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'id' in value ? value.id : null;
}
