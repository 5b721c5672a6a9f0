// node --import tsx examples/own-mapping.ts INDEX.sqlite
// A document of one's own instead of the usual one: all users' items into an embedded index, with a field `department`.
// The mapping's type goes through the whole pipeline by itself.
import { lastValueFrom } from 'rxjs';
import {
  type Found,
  enterpriseWalk,
  localIndex,
  noText,
  openBox,
  pipeline,
  startRun,
  syncRules,
  textHash,
  weighOperation,
} from '../src/index.js';
import { boxOptions } from './box.js';

interface ProjectDocument {
  readonly id: string;
  readonly type: string;
  readonly name: string | null;
  readonly path: string;
  readonly department: string | null;
}

// Every field is always there: partial updates merge, and would leave an old value.
function projectDocument({ item, documentId, path }: Found): ProjectDocument {
  const [, top = '', below] = path.split('/');
  const department = below === undefined ? null : top;
  return { id: documentId, type: item.type, name: item.name, path, department };
}

const rules = syncRules([
  { id: 'no-links', order: 0, policy: 'exclude', field: 'type', rule: 'equals', value: 'web_link' },
]);
const run = startRun({ rules: rules.fingerprint });
const { box, close } = openBox({ ...boxOptions, tokens: run.store.tokens });
const source = enterpriseWalk({ box, run }, { concurrency: 8 });
const outcomes = pipeline(
  { run, source, box, extractor: noText, sink: localIndex({ path: process.argv[2] ?? 'data/own-mapping.sqlite' }) },
  {
    document: { map: projectDocument },
    // Raise the number when the mapping changes: unchanged items then have other documents.
    changes: { hash: await textHash('project-1'), wantedContent: () => null, rules: rules.fingerprint },
    rules: { rules },
    content: { maxBytes: 0, concurrency: 1 },
    batch: { maxItems: 1_000, maxBytes: 5_000_000, maxWaitMs: 500, weigh: weighOperation },
  },
);

await lastValueFrom(outcomes, { defaultValue: undefined });
console.log(JSON.stringify(run.tally.finalReport()));
await close();
run.store.close();
