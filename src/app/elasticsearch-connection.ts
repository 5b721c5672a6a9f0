import type { Config } from '../config/schema.js';
import type { ElasticsearchConnection } from '../sinks/elasticsearch-client.js';

/** The connection that the configuration describes. */
export function elasticsearchConnection(
  { elasticsearch: settings }: Pick<Config, 'elasticsearch'>,
  version: string,
): ElasticsearchConnection {
  return {
    host: settings.host,
    apiKey: settings.api_key,
    username: settings.username,
    password: settings.password,
    caCerts: settings.ca_certs,
    verifyCerts: settings.verify_certs,
    headers: settings.headers,
    requestTimeoutMs: settings.request_timeout * 1_000,
    version,
  };
}
