import type { Config } from '../config/schema.js';
import type { Target } from './target.js';

/** The target that the configuration names. What a sink needs is loaded only if it is used. */
export async function makeTarget(
  deps: { readonly random: () => number; readonly version: string },
  config: Config,
): Promise<Target> {
  const { elasticsearchTarget } = await import('./elasticsearch-target.js');
  return elasticsearchTarget(deps, config);
}
