import type { SchedulerLike } from 'rxjs';
import type { Config } from '../config/schema.js';
import type { ElasticsearchConnection } from '../sinks/elasticsearch-client.js';
import { type Patience, type RequestPolicyDeps, requestPolicy } from './request-policy.js';

export interface ElasticsearchConnectionDeps extends RequestPolicyDeps {
  /** Of this program. */
  readonly version: string;
  /** For the pauses of the bulk sink. Default: RxJS's `asyncScheduler`. */
  readonly scheduler?: SchedulerLike;
}

/** The connection that the configuration describes, for somebody who waits for its answers so. */
export function elasticsearchConnection(
  config: Pick<Config, 'elasticsearch'>,
  patience: Patience,
  deps: ElasticsearchConnectionDeps,
): ElasticsearchConnection {
  const { elasticsearch: settings } = config;
  return {
    host: settings.host,
    apiKey: settings.api_key,
    username: settings.username,
    password: settings.password,
    caCerts: settings.ca_certs,
    verifyCerts: settings.verify_certs,
    headers: settings.headers,
    requestTimeoutMs: settings.request_timeout * 1_000,
    version: deps.version,
    requests: requestPolicy(config, patience, deps),
  };
}
