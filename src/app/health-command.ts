import fetch from 'node-fetch';
import type { LoadedConfig } from '../config/load-config.js';
import { messageOf } from '../core/message-of.js';
import { PermanentError } from '../core/errors.js';
import type { CommandContext } from './command-context.js';
import { exitCodes } from './exit-codes.js';

const patienceMs = 5_000;
/** What a server that listens everywhere can be asked on from the same machine. */
const loopback: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/**
 * Asks the service that runs with the same configuration on this machine whether it is alive: what the health check of a
 * container runs. Without an endpoint (`service.http.port`) there is nobody to ask, and that is said. Rejects with what was
 * found if the service does not answer within 5 s, or not that it is alive.
 */
export async function healthCommand(
  { config }: LoadedConfig,
  { say, stop }: Pick<CommandContext, 'say' | 'stop'>,
): Promise<number> {
  const { host, port } = config.service.http;
  if (port === null) {
    say('Nothing to ask: there is no service.http.port');
    return exitCodes.complete;
  }
  const address = loopback[host] ?? host;
  const url = `http://${address.includes(':') ? `[${address}]` : address}:${port}/health/live`;
  const status = await statusOf(url, stop);
  if (status !== 200) {
    throw new PermanentError(`Cannot call the service at "${url}" alive: it answered ${status}, expected 200`, {
      status,
    });
  }
  say('Alive');
  return exitCodes.complete;
}

async function statusOf(url: string, stop: AbortSignal): Promise<number> {
  const timeout = AbortSignal.timeout(patienceMs);
  try {
    const response = await fetch(url, { redirect: 'manual', signal: AbortSignal.any([stop, timeout]) });
    await response.text();
    return response.status;
  } catch (error) {
    const found = timeout.aborted ? `no answer within ${patienceMs / 1_000} s` : messageOf(error);
    throw new PermanentError(
      `Cannot ask the service at "${url}": ${found}, expected an answer. See whether it runs, and with the same service.http`,
      { cause: error },
    );
  }
}
