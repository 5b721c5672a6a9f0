import { setMaxListeners } from 'node:events';
import { hostname } from 'node:os';
import type { Client } from '@elastic/elasticsearch';
import { boundHeap } from '../app/bound-heap.js';
import type { CommandContext } from '../app/command-context.js';
import type { Log } from '../app/log.js';
import { elasticsearchConnection } from '../app/elasticsearch-connection.js';
import { exitCodes } from '../app/exit-codes.js';
import { releaseHeap } from '../app/release-heap.js';
import { openEndpoint } from '../app/open-endpoint.js';
import type { LoadedConfig } from '../config/load-config.js';
import { atMost } from '../core/at-most.js';
import { systemClock } from '../core/clock.js';
import { AbortedError, AuthError, TransientError } from '../core/errors.js';
import { messageOf } from '../core/message-of.js';
import { retrying } from '../core/retry.js';
import type { Endpoint } from '../endpoint/start-endpoint.js';
import { elasticsearchClient } from '../sinks/elasticsearch-client.js';
import { indexProtocol } from './index-protocol.js';
import { openProtocol } from './open-protocol.js';
import { ownKeys } from './own-keys.js';
import type { Protocol } from './protocol.js';
import { ensureProtocolIndices } from './protocol-indices.js';
import { ownProtocols, type Protocols, sharedProtocol } from './protocols.js';
import { runService } from './service.js';
import { waitForElasticsearch } from './wait-for-elasticsearch.js';

/** Of the time that a stop may take, what is left for writing down where the jobs are. */
const shareForTheEnd = 0.1;

/** How long connections may take to be closed. */
const closeMs = 1_000;

/** After this time a service that has nothing to do is idle: what its start has left behind is given back. */
const startMs = 8_000;

/**
 * Runs the connector service until the process is asked to end: exit code 0, with all jobs suspended within
 * `service.drain_timeout`; 1 if that could not be written in this time; or 130 if it was asked a second time and nothing
 * more was written. Rejects if it cannot start, or fails for good.
 */
export async function serveCommand(loaded: LoadedConfig, context: CommandContext): Promise<number> {
  // First of all, so that whoever waits for it can see that it lives, and last of all, so that the end can be watched.
  const endpoint = await openEndpoint(loaded.config, context);
  try {
    return await serveWatched(loaded, context, endpoint);
  } finally {
    await endpoint?.close();
  }
}

async function serveWatched(loaded: LoadedConfig, context: CommandContext, endpoint: Endpoint | null): Promise<number> {
  const { config } = loaded;
  const { log, stop, abort: kill, env, version, pid } = context;
  const { service, elasticsearch } = config;
  const clock = systemClock;
  const random = Math.random;
  boundHeap();
  const connection = elasticsearchConnection(config, 'service', { clock, random, log, version });
  const keys = ownKeys(loaded);
  const clients: readonly Owned[] =
    keys === null
      ? [{ connector: null, client: elasticsearchClient(connection) }]
      : [...keys].map(([connector, apiKey]) => ({ connector, client: elasticsearchClient({ ...connection, apiKey }) }));
  const drain = new AbortController();
  /** Aborted when the time for the stop is over: nothing is waited for any more. */
  const over = new AbortController();
  const ending = AbortSignal.any([kill, over.signal]);
  // Each request to Elasticsearch listens to it while it is under way, and each connector may have one.
  setMaxListeners(0, ending);
  let calledOff = () => {};
  let cancelRelease = () => {};
  const onStop = () => {
    log.info(`Stopping: what runs is suspended within ${service.drain_timeout} s`);
    const wholeMs = service.drain_timeout * 1_000;
    const cancels = [
      clock.after(wholeMs * (1 - shareForTheEnd), () => drain.abort()),
      clock.after(wholeMs, () => over.abort()),
    ];
    calledOff = () => cancels.forEach((cancel) => cancel());
  };
  stop.addEventListener('abort', onStop, { once: true });
  try {
    const starting = AbortSignal.any([stop, kill]);
    const preflight = {
      clock,
      random,
      maxAttempts: service.preflight_max_attempts,
      maxElapsedMs: service.preflight_max_attempts * service.preflight_idle * 1_000,
      longestWaitMs: service.preflight_idle * 1_000,
    };
    const open = async ({ connector, client }: Owned): Promise<Protocol> => {
      const ownLog = connector === null ? log : log.child({ connector });
      await waitForElasticsearch({ client, log: ownLog }, elasticsearch, starting);
      return retrying(
        async (signal) => {
          try {
            await ensureProtocolIndices(client, signal);
            return await openProtocol({ client, clock, log: ownLog, signal: ending }, elasticsearch);
          } catch (error) {
            if (error instanceof TransientError) ownLog.warn(`The service cannot start yet: ${messageOf(error)}`);
            throw error;
          }
        },
        preflight,
        starting,
      );
    };
    const protocols = await openAll(clients, open, (client) => indexProtocol(client, ending, clock), log);
    log.info(`The service runs on ${elasticsearch.host}`);
    cancelRelease = clock.after(startMs, releaseHeap);
    await runService({
      protocols,
      clock,
      random,
      log,
      env,
      version,
      hostname: hostname(),
      holder: `the service, process ${pid}, since ${new Date(clock.now()).toISOString()}`,
      config,
      endpoint,
      stop,
      abort: AbortSignal.any([ending, drain.signal]),
      kill: ending,
    });
    if (kill.aborted) return exitCodes.interrupted;
    return over.signal.aborted ? exitCodes.failed : exitCodes.complete;
  } catch (error) {
    // Asked to end before it had begun.
    if (error instanceof AbortedError && stop.aborted) return exitCodes.complete;
    throw error;
  } finally {
    calledOff();
    cancelRelease();
    stop.removeEventListener('abort', onStop);
    // One that waits for the end of a request which nobody waits for has no end of its own.
    await atMost(clock, closeMs, Promise.all(clients.map(({ client }) => client.close())));
  }
}

/** A client, and whose key it has; `null`: that for all connectors. */
interface Owned {
  readonly connector: string | null;
  readonly client: Client;
}

/** One after the other. A connector whose key is refused keeps no other from its work: it is tried at each look. */
async function openAll(
  clients: readonly Owned[],
  open: (owned: Owned) => Promise<Protocol>,
  unopened: (client: Client) => Protocol,
  log: Log,
): Promise<Protocols> {
  const protocols = new Map<string, Protocol>();
  const refusals: AuthError[] = [];
  for (const owned of clients) {
    const { connector, client } = owned;
    if (connector === null) return sharedProtocol(await open(owned));
    try {
      protocols.set(connector, await open(owned));
    } catch (error) {
      if (!(error instanceof AuthError)) throw error;
      refusals.push(error);
      log.warn({ connector }, `The connector's own key is refused: ${error.message}`);
      protocols.set(connector, unopened(client));
    }
  }
  const [first] = refusals;
  if (first !== undefined && refusals.length === clients.length) throw first;
  return ownProtocols(protocols, log);
}
