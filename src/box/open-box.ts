import { systemClock } from '../core/clock.js';
import { type BoxApi, boxApi } from './box-api.js';
import { type BoxClientOptions, boxClient } from './box-client.js';
import type { CallCounts } from './call-counts.js';
import { type NodeFetchOptions, nodeFetchClient } from './node-fetch-client.js';
import type { TokenStore } from './token-store.js';

export interface OpenBoxOptions
  extends Pick<BoxClientOptions, 'signIn'>, Partial<Omit<BoxClientOptions, 'signIn'>>, NodeFetchOptions {
  /** Where tokens are kept that rotate (`refresh-token`): `tokens` of the store. Other sign-ins keep none. */
  readonly tokens: TokenStore;
}

/**
 * Box over the network, with the usual client: sign-in, retries, rate budget. `callsPerMinute` is 1,000 for each acting
 * user unless told otherwise. Nothing is sent before the first call. `close` gives up all connections, and waits before
 * that for a sign-in that is under way, so that a pair that rotates is stored: close the store after it.
 */
export function openBox({ tokens, ...options }: OpenBoxOptions): {
  readonly box: BoxApi;
  readonly counts: CallCounts;
  readonly close: () => Promise<void>;
} {
  const network = nodeFetchClient({ clock: systemClock }, options);
  const client = boxClient(
    { transport: network.http, store: tokens, clock: systemClock, random: Math.random },
    { baseUrl: 'https://api.box.com', callsPerMinute: 1_000, ...options },
  );
  const close = async () => {
    try {
      await client.tokens.settled();
    } finally {
      network.close();
    }
  };
  return { box: boxApi(client.http), counts: client.counts, close };
}
