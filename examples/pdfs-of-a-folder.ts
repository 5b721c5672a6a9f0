// node --import tsx examples/pdfs-of-a-folder.ts FOLDER_ID FILE.ndjson
// The PDFs below one folder into a file that `_bulk` takes, the files themselves in `_attachment` for an ingest pipeline.
import { type OperatorFunction, lastValueFrom } from 'rxjs';
import {
  type Change,
  type Envelope,
  batch,
  boxDocument,
  bulkFile,
  changedSince,
  contentGate,
  extractContent,
  folderWalk,
  ingestAttachment,
  keep,
  openBox,
  openBulkFile,
  settle,
  startRun,
  textHash,
  toDocument,
  wantedContent,
  weighOperation,
} from '../src/index.js';
import { boxOptions } from './box.js';

// An operator of one's own. What it drops ends here, so it has to be settled here: else its place would never be free.
function onlyPdfs(): OperatorFunction<Envelope<Change>, Envelope<Change>> {
  return keep((envelope) => {
    const change = envelope.value;
    if (change.kind === 'gone') return envelope;
    if (change.item.type === 'file' && change.item.extension?.toLowerCase() === 'pdf') return envelope;
    envelope.settle({ kind: 'filtered', rule: 'only-pdfs', signature: '' });
    return undefined;
  });
}

const [, , folder = '0', file = 'data/pdfs.ndjson'] = process.argv;
const run = startRun();
const { box, close } = openBox({ ...boxOptions, tokens: run.store.tokens });
const gate = contentGate({ enabled: true, maxBytes: 20_000_000 });
const extractor = ingestAttachment({ pipeline: 'attachment', reduceWhitespace: true, runMlInference: false });
const root = { id: folder, viewer: null, path: '', ancestors: [] };

const outcomes = folderWalk({ box, run }, { roots: [root], concurrency: 8 }).pipe(
  onlyPdfs(),
  toDocument({ map: boxDocument }),
  changedSince({ hash: await textHash('pdf-1'), wantedContent: wantedContent(gate, extractor), rules: '' }),
  extractContent({ box, extractor, budget: run.budget }, { maxBytes: gate.maxBytes, concurrency: 4 }),
  batch({ maxItems: 100, maxBytes: 5_000_000, maxWaitMs: 500, weigh: weighOperation }),
  bulkFile({ open: () => openBulkFile(file) }, { index: 'pdfs' }),
  settle({ run }),
);

await lastValueFrom(outcomes, { defaultValue: undefined });
console.log(JSON.stringify(run.tally.finalReport()));
await close();
run.store.close();
