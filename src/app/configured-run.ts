import type { Observable } from 'rxjs';
import type { Config } from '../config/schema.js';
import type { Envelope } from '../core/envelope.js';
import type { Outcome } from '../core/outcome.js';
import { textHash } from '../core/text-hash.js';
import { boxDocument, boxDocumentVersion } from '../operators/box-document.js';
import type { SyncRules } from '../operators/sync-rules/sync-rules.js';
import { pipeline } from '../pipeline.js';
import { weighOperation } from '../sinks/weigh-operation.js';
import type { Change } from '../sources/change.js';
import type { Run } from '../state/run.js';
import { extraction } from './extraction.js';
import type { SyncDeps } from './sync.js';

/** The pipeline with everything as the configuration wants it, for one run over a source. */
export async function configuredRun(
  deps: Pick<SyncDeps, 'access' | 'clock' | 'log' | 'random' | 'target'>,
  config: Config,
  {
    run,
    source,
    rules,
  }: { readonly run: Run; readonly source: Observable<Envelope<Change>>; readonly rules: SyncRules },
): Promise<Observable<Outcome>> {
  const { clock, random, log } = deps;
  const { gate, extractor, wantedContent } = extraction(
    {
      clock,
      random,
      tries: run.store.contentTries,
      onPutOff: (reason) => log.warn(`Some texts have to wait: ${reason}`),
    },
    config,
  );
  return pipeline(
    { run, source, sink: deps.target.sink, box: deps.access.box, extractor, retry: deps.access.retry },
    {
      document: { map: boxDocument },
      changes: {
        hash: await textHash(boxDocumentVersion),
        wantedContent,
        // The size of a folder changes with every file below it: written when it is written, no reason to write.
        signed: (document, { item }) => (item.type === 'folder' ? { ...document, size: null } : document),
        rules: rules.fingerprint,
        rewrite: run.rewrite,
      },
      rules: { rules },
      content: { maxBytes: gate.maxBytes, concurrency: config.box.concurrent_downloads },
      batch: {
        maxItems: config.bulk.max_items,
        maxBytes: config.bulk.max_bytes,
        maxWaitMs: config.bulk.max_wait_ms,
        weigh: weighOperation,
      },
    },
  );
}
