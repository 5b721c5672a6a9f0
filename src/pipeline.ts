import type { Observable, OperatorFunction } from 'rxjs';
import type { Envelope } from './core/envelope.js';
import type { Outcome } from './core/outcome.js';
import type { Settled } from './core/settled.js';
import { staged } from './core/staged.js';
import { applySyncRules, type ApplySyncRulesOptions } from './operators/apply-sync-rules.js';
import { batch, type BatchOptions } from './operators/batch.js';
import { changedSince, type ChangedSinceOptions } from './operators/changed-since.js';
import { extractContent, type ExtractContentDeps, type ExtractContentOptions } from './operators/extract-content.js';
import { settle } from './operators/settle.js';
import { toDocument, type ToDocumentOptions } from './operators/to-document.js';
import type { Operation } from './sinks/operation.js';
import type { Change } from './sources/change.js';
import type { Run } from './state/run.js';

export interface PipelineDeps extends Omit<ExtractContentDeps, 'budget'> {
  readonly run: Run;
  readonly source: Observable<Envelope<Change>>;
  readonly sink: OperatorFunction<readonly Envelope<Operation>[], Settled>;
}

export interface PipelineOptions<D extends object> {
  readonly document: ToDocumentOptions<D>;
  readonly changes: ChangedSinceOptions<D>;
  readonly rules: ApplySyncRulesOptions;
  readonly content: ExtractContentOptions;
  readonly batch: Omit<BatchOptions<Envelope<Operation>>, 'awaited'>;
}

/**
 * ```
 *  Box        source          operators                                                      sink         state
 *  ------ ------------- Change ------------------------------------------------- Operation ------- Outcome ----------
 *  folders -> walk ------> toDocument -> changedSince -> applySyncRules --------> bulk, index, --> settle: catalogue,
 *                ^                       -> extractContent -> batch               file              frontier, counts
 *                |_______ room: paging waits for rows (ledger), downloads wait for bytes (budget) ________|
 * ```
 *
 * Cold: nothing happens before it is subscribed to, unsubscribing aborts everything within a tick. Emits how each
 * operation ended; what earlier stages have ended (unchanged, filtered, rejected) is in the run's counts.
 */
export function pipeline<D extends object>(
  { run, source, sink, box, extractor, retry }: PipelineDeps,
  options: PipelineOptions<D>,
): Observable<Outcome> {
  return source.pipe(
    staged('toDocument', toDocument(options.document)),
    staged('changedSince', changedSince(options.changes)),
    staged('applySyncRules', applySyncRules(options.rules)),
    staged('extractContent', extractContent({ box, extractor, retry, budget: run.budget }, options.content)),
    staged('batch', batch({ ...options.batch, awaited: run.gates.awaited() })),
    staged('sink', sink),
    settle({ run }),
  );
}
