import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { Client, errors } from '@elastic/elasticsearch';
import { catchError, throwError } from 'rxjs';
import { ConfigError, PermanentError } from '../core/errors.js';
import { fromAbortable } from '../core/from-abortable.js';
import type { BulkClient } from './bulk-client.js';
import { elasticsearchError } from './elasticsearch-error.js';
import { messageOf } from '../core/message-of.js';
import { limitedConnection } from './limited-connection.js';
import { parseBulkAnswer } from './parse-bulk-answer.js';
import { patientTransport } from './patient-transport.js';
import type { RequestPolicy } from './request-policy.js';

type ClientOptions = ConstructorParameters<typeof Client>[0];

export interface ElasticsearchConnection {
  readonly host: string;
  /** Encoded, as Kibana shows it; wins over user name and password. */
  readonly apiKey?: string | null;
  readonly username?: string | null;
  readonly password?: string | null;
  /** Path of a PEM file, trusted beside the authorities that Node knows. */
  readonly caCerts?: string | null;
  readonly verifyCerts?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly requestTimeoutMs?: number;
  /** Off by default: on a local network it costs more than it saves. */
  readonly compression?: boolean;
  /** Of this program, for the user agent. */
  readonly version: string;
  /** How requests that fail for the moment are sent again; none: not at all. Bulk requests of the sink never are. */
  readonly requests?: RequestPolicy | undefined;
  /** Longest answer that is read, unpacked. Default 16 MiB: a page of the index has some 2 MiB, a bulk answer less. */
  readonly maxAnswerBytes?: number;
}

/**
 * Makes the client; no request is sent. Each of its requests ends within `requestTimeoutMs` and is sent again as
 * `requests` says: see `patientTransport`. Whoever makes it closes it. Throws `ConfigError` if the certificates cannot
 * be read or the address is none.
 */
export function elasticsearchClient(connection: ElasticsearchConnection): Client {
  const {
    host,
    apiKey,
    username,
    password,
    headers = {},
    requestTimeoutMs = 240_000,
    compression = false,
    requests,
    maxAnswerBytes = 16 * 1024 * 1024,
  } = connection;
  const options: ClientOptions = {
    node: host,
    maxRetries: 0,
    requestTimeout: requestTimeoutMs,
    compression,
    Transport: patientTransport(requestTimeoutMs, requests),
    Connection: limitedConnection(maxAnswerBytes),
    headers: {
      // In lower case, as the client keeps its own: it would send a header twice otherwise.
      ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
      'user-agent': `box-elasticsearch-connector/${connection.version}`,
      'x-elastic-product-origin': 'connectors',
    },
  };
  if (apiKey) options.auth = { apiKey };
  else if (username && password) options.auth = { username, password };
  if (host.startsWith('https:')) options.tls = tlsOptions(connection);
  try {
    return new Client(options);
  } catch (error) {
    const found = messageOf(error);
    throw new ConfigError([`elasticsearch.host is "${host}": ${found}, expected an http or https URL`], {
      cause: error,
    });
  }
}

function tlsOptions({ caCerts, verifyCerts = true }: ElasticsearchConnection): NonNullable<ClientOptions['tls']> {
  if (!caCerts) return { rejectUnauthorized: verifyCerts };
  let pem: string;
  try {
    pem = readFileSync(caCerts, 'utf8');
  } catch (error) {
    const found = messageOf(error);
    throw new ConfigError([`elasticsearch.ca_certs is "${caCerts}": ${found}, expected the path of a PEM file`], {
      cause: error,
    });
  }
  return { ca: [...rootCertificates, pem], rejectUnauthorized: verifyCerts };
}

/** Only what the sink looks at is sent back: the answers to a bulk cost as much as the request otherwise. */
const answerFields = 'errors,items.*._id,items.*.status,items.*.error';

export interface BulkClientOptions {
  /** Whether a request that timed out may be sent again; else it ends the run. Default true. */
  readonly retryOnTimeout?: boolean;
}

/**
 * `client.bulk` as the sink wants it. The body goes as one text: an array would be joined by the client, and a Buffer
 * is walked byte by byte (minutes for some megabytes) when the client makes an error that shows the request.
 */
export function bulkClient(client: Client, { retryOnTimeout = true }: BulkClientOptions = {}): BulkClient {
  return {
    bulk: ({ index, pipeline, body }) => {
      const action = `write to the index "${index}"`;
      const parameters = pipeline === null ? {} : { pipeline };
      return fromAbortable(async (signal) => {
        const answer = await client.transport.request(
          {
            method: 'POST',
            path: `/${encodeURIComponent(index)}/_bulk`,
            querystring: { ...parameters, filter_path: answerFields },
            bulkBody: body,
            meta: { name: 'bulk', pathParts: { index } },
          },
          // The sink knows better what to do about it.
          { signal, maxRetries: 0 },
        );
        return parseBulkAnswer(answer, action);
      }).pipe(
        catchError((error: unknown) => {
          const failure = elasticsearchError(error, action, index);
          if (retryOnTimeout || !(error instanceof errors.TimeoutError)) return throwError(() => failure);
          const advice = 'It is not sent again, as "elasticsearch.retry_on_timeout" says';
          return throwError(() => new PermanentError(`${failure.message}. ${advice}`));
        }),
      );
    },
  };
}
