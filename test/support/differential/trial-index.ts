import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createLocalIndex } from '../../../src/sinks/local-index-file.js';
import { readLocalIndex } from '../../../src/sinks/read-local-index.js';
import { createTestKey } from '../elasticsearch-key.js';
import { clientOf, indexContents, type IndexedSource } from '../index-contents.js';
import { realElasticsearch } from '../real-parts.js';

/** An index that the program writes and the trial looks at. */
export interface TrialIndex {
  /** Sections of the configuration. */
  readonly config: Readonly<Record<string, unknown>>;
  documents(): Promise<ReadonlyMap<string, IndexedSource>>;
  /** As somebody would who knows nothing of the program. */
  remove(ids: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export function localTrialIndex(folder: string): TrialIndex {
  const path = join(folder, 'index.sqlite');
  return {
    config: { sink: 'local_index', local_index: { path } },
    documents: () => {
      const all = existsSync(path) ? [...readLocalIndex(path)] : [];
      return Promise.resolve(new Map(all.map(({ id, document }) => [id, document])));
    },
    remove: (ids) => {
      if (ids.length > 0) {
        const db = createLocalIndex(path);
        const remove = db.prepare('DELETE FROM doc WHERE id = ?');
        for (const id of ids) remove.run(id);
        db.close();
      }
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
}

export async function elasticsearchTrialIndex(): Promise<TrialIndex> {
  const elasticsearch = realElasticsearch();
  const index = `differential-${randomBytes(6).toString('hex')}`;
  const client = clientOf(elasticsearch);
  const key = await createTestKey(elasticsearch, { index });
  const exists = () => client.indices.exists({ index });
  return {
    config: {
      index,
      elasticsearch: { host: elasticsearch.url, api_key: key.encoded, retry_interval: 0.05 },
      pipeline: { name: '_none' },
    },
    documents: async () => ((await exists()) ? indexContents(client, index) : new Map()),
    remove: async (ids) => {
      if (ids.length === 0) return;
      await client.bulk({ index, refresh: true, operations: ids.map((_id) => ({ delete: { _id } })) });
    },
    close: async () => {
      await client.indices.delete({ index }, { ignore: [404] });
      await key.revoke();
      await client.close();
    },
  };
}
