import { isUtf8 } from 'node:buffer';
import { type Observable, type OperatorFunction, lastValueFrom, mergeMap } from 'rxjs';
import type { BoxApi } from '../../src/box/box-api.js';
import type { Envelope } from '../../src/core/envelope.js';
import type { RunReport } from '../../src/core/run-report.js';
import type { Settled } from '../../src/core/settled.js';
import { contentGate } from '../../src/extractors/content-gate.js';
import type { Extractor } from '../../src/extractors/extractor.js';
import { boxDocument } from '../../src/operators/box-document.js';
import { syncRules } from '../../src/operators/sync-rules/sync-rules.js';
import { pipeline } from '../../src/pipeline.js';
import type { Operation } from '../../src/sinks/operation.js';
import type { Change } from '../../src/sources/change.js';
import { Run } from '../../src/state/run.js';
import { sqliteStore } from '../../src/state/sqlite-store.js';

export interface Collected {
  /** Lines of JSON, one for each document, in the order of their ids: `_id`, the metadata, `body`, `_without_content`. */
  readonly documents: readonly string[];
  readonly report: RunReport;
}

export interface CollectOptions {
  readonly box: BoxApi;
  readonly source: (run: Run) => Observable<Envelope<Change>>;
  readonly downloads?: number;
}

/** The whole pipeline from an empty state into memory. Text is taken as it is; of other bytes, how many they are. */
export async function collectDocuments({ box, source, downloads = 2 }: CollectOptions): Promise<Collected> {
  const store = sqliteStore(':memory:');
  try {
    const rules = syncRules([]);
    const id = store.runs.start({ kind: 'full', rewrite: true, startedAt: 1, scope: '' });
    const run = new Run(store, {
      id,
      kind: 'full',
      rewrite: true,
      rows: 10_000,
      bytes: 1_000_000,
      rules: rules.fingerprint,
      before: null,
      now: () => 1,
    });
    const gate = contentGate({ enabled: true });
    const lines = new Map<string, string>();
    const outcomes = pipeline(
      { run, source: source(run), sink: into(lines), box, extractor: asItIs },
      {
        document: { map: boxDocument },
        changes: {
          hash: (text) => text,
          wantedContent: ({ item }) =>
            item.type === 'file' && gate.check(item).pass ? (item.file_version?.id ?? '') : null,
          rules: rules.fingerprint,
          rewrite: true,
        },
        rules: { rules },
        content: { maxBytes: gate.maxBytes, concurrency: downloads },
        batch: { maxItems: 100, maxBytes: 1_000_000, maxWaitMs: 1, weigh: () => 1 },
      },
    );
    await lastValueFrom(outcomes, { defaultValue: null });
    const ids = [...lines.keys()].sort();
    return { documents: ids.map((one) => lines.get(one) ?? ''), report: run.tally.finalReport() };
  } finally {
    store.close();
  }
}

const asItIs: Extractor = {
  fingerprint: 'as it is',
  async extract(_file, bytes) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of bytes) chunks.push(chunk);
    const all = Buffer.concat(chunks);
    const body = isUtf8(all) ? all.toString() : `${all.length} bytes that are no text`;
    return { members: `"body":${JSON.stringify(body)}` };
  },
};

function into(lines: Map<string, string>): OperatorFunction<readonly Envelope<Operation>[], Settled> {
  return mergeMap(
    (batch) =>
      batch.map((envelope): Settled => {
        const operation = envelope.value;
        if (operation.kind !== 'index') throw new Error(`Expected whole documents only, got ${operation.kind}`);
        const { id, source, content, version, withoutContent } = operation;
        const members = [source.slice(1, -1), content].filter((text) => text !== '').join(',');
        const why = withoutContent === undefined ? '' : `,"_without_content":${JSON.stringify(withoutContent)}`;
        lines.set(id, `{"_id":${JSON.stringify(id)},${members}${why}}`);
        const outcome = {
          kind: 'written',
          version,
          ...(withoutContent === undefined ? {} : { withoutContent }),
        } as const;
        return { envelope, outcome };
      }),
    1,
  );
}
