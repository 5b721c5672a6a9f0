import type { NodeFetchOptions } from '../box/node-fetch-client.js';
import type { Config } from '../config/schema.js';

/** How Box is reached: proxy of the environment, time limits, name of this program. */
export function networkOptions(
  { retry }: Pick<Config, 'retry'>,
  env: Readonly<Record<string, string | undefined>>,
  version: string,
): NodeFetchOptions {
  return {
    httpsProxy: env['HTTPS_PROXY'] ?? env['https_proxy'],
    noProxy: env['NO_PROXY'] ?? env['no_proxy'],
    stallMs: retry.stall_timeout * 1_000,
    userAgent: `box-elasticsearch-connector/${version}`,
  };
}
