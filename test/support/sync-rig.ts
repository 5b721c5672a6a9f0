import { type Observable, concat, defer, lastValueFrom } from 'rxjs';
import type { Envelope } from '../../src/core/envelope.js';
import type { Outcome } from '../../src/core/outcome.js';
import type { RunReport } from '../../src/core/run-report.js';
import type { Extractor } from '../../src/extractors/extractor.js';
import { boxDocument, type BoxDocument } from '../../src/operators/box-document.js';
import type { SyncRule } from '../../src/operators/sync-rules/sync-rule.js';
import { syncRules } from '../../src/operators/sync-rules/sync-rules.js';
import { pipeline, type PipelineOptions } from '../../src/pipeline.js';
import { accountWalk } from '../../src/sources/account-walk.js';
import { absentItems, type AbsentItemsOptions } from '../../src/sources/absent-items.js';
import type { Change } from '../../src/sources/change.js';
import { enterpriseWalk } from '../../src/sources/enterprise-walk.js';
import { Run, type RunOptions } from '../../src/state/run.js';
import { sqliteStore } from '../../src/state/sqlite-store.js';
import type { Store } from '../../src/state/store.js';
import { FakeBox } from './fake-box.js';
import { FakeIndex } from './fake-index.js';

/** A new run on a store, or, with `resume`, the last one again. */
export function startRun(store: Store, different: Partial<RunOptions> & { resume?: boolean } = {}): Run {
  const { resume = false, ...options } = different;
  const last = store.runs.last();
  if (resume) store.frontier.resume();
  else store.frontier.clear();
  const id =
    resume && last !== undefined
      ? last.id
      : store.runs.start({ kind: 'incremental', rewrite: false, startedAt: 1, scope: '' });
  return new Run(store, {
    id,
    kind: 'incremental',
    rewrite: false,
    rows: 10_000,
    bytes: 1_000_000,
    rules: '',
    before: resume ? (last?.report ?? null) : null,
    now: () => 1,
    ...options,
  });
}

export interface RigOptions extends Partial<AbsentItemsOptions>, Partial<RunOptions> {
  readonly enterprise?: boolean;
  /** Instead of the rig's own. */
  readonly store?: Store;
  /** Only the contents of these folders are walked. */
  readonly folders?: readonly string[];
  readonly users?: (id: string) => boolean;
  readonly rules?: never;
  readonly syncRules?: readonly SyncRule[];
  readonly extractor?: Extractor;
  readonly concurrency?: number;
  /** Downloads at once. Default 4. */
  readonly downloads?: number;
  readonly resume?: boolean;
  readonly batch?: Partial<PipelineOptions<BoxDocument>['batch']>;
}

/** Takes the text as it is. */
export const plainText: Extractor = {
  fingerprint: 'plain',
  async extract(_file, bytes) {
    let text = '';
    for await (const chunk of bytes) text += Buffer.from(chunk).toString();
    return { members: `"body":${JSON.stringify(text)}` };
  },
};

/** The whole pipeline between a fake Box and a fake index. */
export class SyncRig {
  readonly box = new FakeBox();
  readonly index = new FakeIndex();
  readonly store = sqliteStore(':memory:');

  /** A run that has not begun yet; `counted` throws unless the counts of the report are equal. */
  begin(options: RigOptions = {}): { run: Run; outcomes: Observable<Outcome> } {
    const { box, index } = this;
    const { store = this.store } = options;
    const { enterprise = false, concurrency = 3, maxShare = 1, always = 100, proofCalls = 100 } = options;
    const rules = syncRules(options.syncRules ?? []);
    const run = startRun(store, { ...options, rules: rules.fingerprint });
    const walk = { box, run };
    const { folders = [], belowCalls, undecidedMs } = options;
    const shape = { concurrency, prunes: (path: string) => rules.prunes(path), folders };
    const items = enterprise
      ? enterpriseWalk(walk, { ...shape, includes: ({ id }) => options.users?.(id) ?? true })
      : accountWalk(walk, shape);
    const absent = absentItems(walk, {
      ...{ maxShare, always, proofCalls, concurrency, isNarrowed: folders.length > 0 },
      ...(belowCalls !== undefined && { belowCalls }),
      ...(undecidedMs !== undefined && { undecidedMs }),
    });
    const source: Observable<Envelope<Change>> = concat(items, absent);
    const outcomes = pipeline(
      { run, source, sink: index.sink, box, extractor: options.extractor ?? plainText },
      {
        document: { map: boxDocument },
        changes: {
          hash: (text) => text,
          wantedContent: ({ item }) => (item.type === 'file' ? (item.file_version?.id ?? '') : null),
          rules: rules.fingerprint,
          rewrite: run.rewrite,
        },
        rules: { rules },
        content: { maxBytes: 1_000, concurrency: options.downloads ?? 4 },
        batch: { maxItems: 5, maxBytes: 1_000_000, maxWaitMs: 1, weigh: () => 1, ...options.batch },
      },
    );
    return { run, outcomes: defer(() => outcomes) };
  }

  /** Runs to the end; the counts must be equal, nothing may be left in the gates. */
  async sync(options: RigOptions = {}): Promise<RunReport> {
    const { run, outcomes } = this.begin(options);
    await lastValueFrom(outcomes, { defaultValue: null });
    if (run.ledger.outstanding + run.budget.held + run.budget.waiting + run.ledger.waiting > 0) {
      throw new Error(`${run.ledger.outstanding} rows and ${run.budget.held} bytes are left in the gates`);
    }
    return run.tally.finalReport();
  }
}
