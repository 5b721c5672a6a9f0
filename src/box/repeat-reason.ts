import { TransientError } from '../core/errors.js';
import type { RepeatReason } from './http-client.js';

/** Why a request is made once more after `failure`; `undefined` if there was none. */
export function repeatReason(failure: unknown): RepeatReason | undefined {
  if (failure === undefined) return undefined;
  if (failure instanceof TransientError && failure.status === undefined) return 'network';
  return failure instanceof TransientError && failure.status === 429 ? 'rate-limited' : 'server-error';
}
