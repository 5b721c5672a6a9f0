import type { Writable } from 'node:stream';
import { assertNever } from '../core/assert-never.js';
import type { Config } from '../config/schema.js';
import { configuredPipeline } from './configured-pipeline.js';
import type { ElasticsearchConnectionDeps } from './elasticsearch-connection.js';
import type { Target } from './target.js';

/** The target that the configuration names. What a sink needs is loaded only if it is used. */
export async function makeTarget(
  deps: ElasticsearchConnectionDeps,
  config: Config,
  /** Where a dry run writes; `null`: no dry run. */
  dryRun: Writable | null,
): Promise<Target> {
  const target = await realTarget(deps, config);
  if (dryRun === null) return target;
  const { dryRunTarget } = await import('./dry-run-target.js');
  return dryRunTarget(target, dryRun, { flags: configuredPipeline(config)?.flags ?? '' });
}

async function realTarget(deps: ElasticsearchConnectionDeps, config: Config): Promise<Target> {
  switch (config.sink) {
    case 'elasticsearch': {
      const { elasticsearchTarget } = await import('./elasticsearch-target.js');
      return elasticsearchTarget(deps, config);
    }
    case 'local_index': {
      const { localIndexTarget } = await import('./local-index-target.js');
      return localIndexTarget(config.local_index);
    }
    case 'bulk_file': {
      const { bulkFileTarget } = await import('./bulk-file-target.js');
      return bulkFileTarget(config.bulk_file, {
        flags: configuredPipeline(config)?.flags ?? '',
        ...(config.index === null ? {} : { index: config.index }),
      });
    }
    default:
      return assertNever(config.sink);
  }
}
