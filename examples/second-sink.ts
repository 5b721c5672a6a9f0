// node --import tsx examples/second-sink.ts INDEX COPY.sqlite
// Elasticsearch, and beside it an embedded index with the same documents. Where it is, and an API key for it, come from
// ELASTICSEARCH_URL and ELASTICSEARCH_API_KEY.
import { lastValueFrom } from 'rxjs';
import {
  batch,
  boxDocument,
  bulkClient,
  changedSince,
  elasticsearchBulk,
  elasticsearchClient,
  enterpriseWalk,
  extractContent,
  localIndex,
  noText,
  openBox,
  prepareIndex,
  settle,
  startRun,
  textHash,
  toDocument,
  weighOperation,
} from '../src/index.js';
import { bothSinks } from './both-sinks.js';
import { boxOptions } from './box.js';

const [, , index = 'search-box', copy = 'data/copy.sqlite'] = process.argv;
const run = startRun();
const { box, close } = openBox({ ...boxOptions, tokens: run.store.tokens });
const client = elasticsearchClient({
  host: process.env['ELASTICSEARCH_URL'] ?? 'http://127.0.0.1:9200',
  apiKey: process.env['ELASTICSEARCH_API_KEY'] ?? null,
  version: 'example',
});
// Makes the index with its mapping, or refuses one that does not fit.
const { indexUuid } = await prepareIndex(client, { index });

const outcomes = enterpriseWalk({ box, run }, { concurrency: 8 }).pipe(
  toDocument({ map: boxDocument }),
  changedSince({ hash: await textHash('copy-1'), wantedContent: () => null, rules: '' }),
  extractContent({ box, extractor: noText, budget: run.budget }, { maxBytes: 0, concurrency: 1 }),
  batch({ maxItems: 1_000, maxBytes: 5_000_000, maxWaitMs: 500, weigh: weighOperation }),
  bothSinks(
    elasticsearchBulk({ client: bulkClient(client), random: Math.random }, { index, indexUuid }),
    localIndex({ path: copy }),
  ),
  settle({ run }),
);

await lastValueFrom(outcomes, { defaultValue: undefined });
console.log(JSON.stringify(run.tally.finalReport()));
await close();
run.store.close();
await client.close();
