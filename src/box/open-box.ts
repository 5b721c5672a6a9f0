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
 * user unless told otherwise. `close` gives up idle connections; nothing is sent before the first call.
 */
export function openBox({ tokens, ...options }: OpenBoxOptions): {
  readonly box: BoxApi;
  readonly counts: CallCounts;
  readonly close: () => void;
} {
  const network = nodeFetchClient({ clock: systemClock }, options);
  const client = boxClient(
    { transport: network.http, store: tokens, clock: systemClock, random: Math.random },
    { baseUrl: 'https://api.box.com', callsPerMinute: 1_000, ...options },
  );
  return { box: boxApi(client.http), counts: client.counts, close: network.close };
}
