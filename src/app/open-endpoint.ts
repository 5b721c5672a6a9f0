import type { Config } from '../config/schema.js';
import type { Endpoint } from '../endpoint/start-endpoint.js';
import type { CommandContext } from './command-context.js';

/**
 * Health and metrics over HTTP, if the configuration gives them a port; else `null`, and none of their code is loaded.
 * Whoever opens it closes it. Rejects if it cannot listen there.
 */
export async function openEndpoint(
  { service: { http } }: { readonly service: Pick<Config['service'], 'http'> },
  { log, version, stop }: Pick<CommandContext, 'log' | 'version' | 'stop'>,
): Promise<Endpoint | null> {
  const { host, port } = http;
  if (port === null) return null;
  const { startEndpoint } = await import('../endpoint/start-endpoint.js');
  const endpoint = await startEndpoint({ version, stop }, { host, port });
  log.info(`Health and metrics are on ${endpoint.url}`);
  if (!isLoopback(host)) {
    log.warn(
      `Health and metrics can be read by whoever reaches ${endpoint.url}: they hold no secrets, and ask for none`,
    );
  }
  return endpoint;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.[\d.]+$/.test(host);
}
