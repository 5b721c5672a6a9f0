import { readFileSync } from 'node:fs';
import type { Client } from '@elastic/elasticsearch';
import { indexMappings } from '../src/sinks/index-mappings.js';

/** Bulk bodies of 1,000 documents each. */
export interface PrebuiltDocuments {
  readonly bodies: readonly string[];
  readonly count: number;
}

const documentsPerRequest = 1_000;
const requestsAtOnce = 4;

/**
 * Takes the lines that the connector's `bulk_file` has written, so that the documents are the same JSON; `times` over,
 * each time under other ids, so that the cluster is busy for long enough to be timed.
 */
export function prebuiltDocuments(bulkFile: string, times: number): PrebuiltDocuments {
  const lines = readFileSync(bulkFile, 'utf8').trimEnd().split('\n');
  const bodies: string[] = [];
  for (let copy = 0; copy < times; copy += 1) {
    for (let at = 0; at < lines.length; at += documentsPerRequest * 2) {
      const part = lines.slice(at, at + documentsPerRequest * 2);
      bodies.push(`${part.map((line, index) => (index % 2 === 0 ? actionOf(line, copy) : line)).join('\n')}\n`);
    }
  }
  return { bodies, count: (lines.length / 2) * times };
}

function actionOf(line: string, copy: number): string {
  const { index } = JSON.parse(line) as { index: { _id: string } };
  return JSON.stringify({ index: { _id: `${index._id}-${copy}` } });
}

/**
 * Documents a second that this cluster takes from `client.bulk` when nothing else has to be done: ready-made text, the
 * shortest answers, 1,000 a request, 4 at once, into a new index with the connector's mapping.
 */
export async function rawCeiling(client: Client, index: string, { bodies, count }: PrebuiltDocuments): Promise<number> {
  await client.indices.delete({ index, ignore_unavailable: true });
  await client.indices.create({ index, mappings: { properties: indexMappings as never } });
  const waiting = [...bodies];
  const from = performance.now();
  const worker = async () => {
    for (let body = waiting.shift(); body !== undefined; body = waiting.shift()) {
      // The client sends a text as it is.
      const answer = await client.bulk({ index, filter_path: 'errors', operations: body as never });
      if (answer.errors) throw new Error('Cannot measure the raw ceiling: Elasticsearch refuses some of the documents');
    }
  };
  await Promise.all(Array.from({ length: requestsAtOnce }, worker));
  const seconds = (performance.now() - from) / 1_000;
  await client.indices.delete({ index });
  return count / seconds;
}
