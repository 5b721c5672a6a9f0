// What composers import: the stages that `pipeline.ts` is made of, what feeds and drains them, and what they share.

export { pipeline, type PipelineDeps, type PipelineOptions } from './pipeline.js';

// The nouns
export { Envelope } from './core/envelope.js';
export type { DocumentVersion, Outcome } from './core/outcome.js';
export type { RunReport, Unread } from './core/run-report.js';
export type { Settled } from './core/settled.js';
export type { BoxFile, BoxFolder, BoxItem, BoxWebLink } from './box/box-item.js';
export type { Change, Found, Gone } from './sources/change.js';
export type { Compared, Difference, Draft } from './operators/draft.js';
export type { DeleteOperation, IndexOperation, Operation, UpdateOperation } from './sinks/operation.js';

// Sources
export { absentItems, type AbsentItemsOptions } from './sources/absent-items.js';
export { enterpriseWalk, type EnterpriseWalkOptions } from './sources/enterprise-walk.js';
export { folderWalk, type FolderWalkOptions } from './sources/folder-walk.js';
export { replay } from './sources/replay.js';

// Operators
export { applySyncRules, type ApplySyncRulesOptions } from './operators/apply-sync-rules.js';
export { batch, type BatchOptions } from './operators/batch.js';
export { boxDocument, type BoxDocument } from './operators/box-document.js';
export { changedSince, type ChangedSinceOptions } from './operators/changed-since.js';
export { extractContent, type ExtractContentDeps, type ExtractContentOptions } from './operators/extract-content.js';
export { settle, type SettleOptions } from './operators/settle.js';
export { keep } from './core/keep.js';
export { parseSyncRules } from './operators/sync-rules/parse-sync-rules.js';
export type { SyncRule } from './operators/sync-rules/sync-rule.js';
export { syncRules, type SyncRules } from './operators/sync-rules/sync-rules.js';
export { toDocument, type ToDocumentOptions } from './operators/to-document.js';

// Text extraction
export { contentGate, type ContentGate } from './extractors/content-gate.js';
export { extractionService } from './extractors/extraction-service.js';
export type { Extracted, Extractor, Room } from './extractors/extractor.js';
export { ingestAttachment } from './extractors/ingest-attachment.js';
export { noText } from './extractors/no-text.js';
export { tika } from './extractors/tika.js';
export { wantedContent } from './extractors/wanted-content.js';

// Sinks
export { bulkFile, openBulkFile } from './sinks/bulk-file.js';
export { documentText } from './sinks/document-text.js';
export { elasticsearchBulk, type ElasticsearchBulkOptions } from './sinks/elasticsearch-bulk.js';
export { bulkClient, elasticsearchClient } from './sinks/elasticsearch-client.js';
export { prepareIndex } from './sinks/elasticsearch-index.js';
export { localIndex } from './sinks/local-index.js';
export { searchLocalIndex } from './sinks/local-search.js';
export { openStream, type TextTarget } from './sinks/text-target.js';
export { weighOperation } from './sinks/weigh-operation.js';

// What the stages of one run share
export { Run, type RunOptions } from './state/run.js';
export { startRun, type StartRunOptions } from './state/start-run.js';
export { lockedStore } from './state/locked-store.js';
export type { Store } from './state/store.js';

// Box
export { boxApi, type BoxApi } from './box/box-api.js';
export { boxClient, type BoxClient, type BoxClientOptions } from './box/box-client.js';
export type { HttpClient, HttpRequest, HttpResponse } from './box/http-client.js';
export { nodeFetchClient } from './box/node-fetch-client.js';
export { openBox, type OpenBoxOptions } from './box/open-box.js';
export type { SignIn } from './box/sign-in.js';
export type { TokenStore } from './box/token-store.js';

// Errors and time
export { AbortedError, AuthError, ConfigError, PermanentError, TransientError } from './core/errors.js';
export { type Clock, systemClock } from './core/clock.js';
export { textHash } from './core/text-hash.js';
