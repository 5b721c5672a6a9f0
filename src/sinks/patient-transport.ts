import { Transport, type TransportRequestOptions, type TransportRequestParams, errors } from '@elastic/elasticsearch';
import { sleep, systemClock } from '../core/clock.js';
import { AuthError, TransientError } from '../core/errors.js';
import { AnswerTooLarge } from './answer-too-large.js';
import { elasticsearchError } from './elasticsearch-error.js';
import { RepeatedFailure } from './repeated-failure.js';
import type { RequestPolicy } from './request-policy.js';

/** Waits grow no longer than this, unless Elasticsearch asks for more. */
const longestPauseMs = 30_000;

/** Parts of the paths under which a POST only reads, or writes the same again. Any other may make something twice. */
const harmlessPosts: readonly string[] = [
  '_bulk',
  '_count',
  '_has_privileges',
  '_mget',
  '_pit',
  '_refresh',
  '_search',
  '_update',
];

/**
 * The client's transport with an end to each request (`requestTimeoutMs` for the whole exchange, where the client's own
 * bounds each part of it) and with a policy. Every request of the client goes through here, whichever of its functions
 * is called, so nobody has to think of it. One that is sent with `maxRetries: 0` is sent once: what the bulk sink sends.
 *
 * What fails for the moment (408, 429, 5xx, cut, timed out) is sent again; a refused sign-in as well, if that comes
 * behind such a failure: a node that starts knows no keys at first. What may make something twice, or cannot tell its
 * own success from that of another, is only repeated where Elasticsearch has said that it did nothing (429, 503). What is given up rejects with `RepeatedFailure`,
 * everything else with what the client throws.
 */
export function patientTransport(requestTimeoutMs: number, policy: RequestPolicy | undefined): typeof Transport {
  return class PatientTransport extends Transport {
    /** Elasticsearch has answered, whatever it said. */
    #isReached = false;

    override async request(params: TransportRequestParams, options: TransportRequestOptions = {}): Promise<never> {
      if (policy === undefined || options.maxRetries === 0) return this.#once(params, options);
      const { clock, onWait } = policy;
      const signal = options.signal ?? new AbortController().signal;
      const startedAt = clock.now();
      let isOutage = false;
      for (let tries = 1; ; tries += 1) {
        try {
          const answer = await this.#once(params, options);
          this.#isReached = true;
          return answer;
        } catch (error) {
          const failure = elasticsearchError(error, `send ${params.method} ${params.path}`, '');
          const isForNow = failure instanceof TransientError || (isOutage && failure instanceof AuthError);
          if (!isForNow) this.#isReached = true;
          if (!isForNow || isAborted(signal) || !mayRepeat(params, error, policy)) throw error;
          isOutage = true;
          const pauseMs = pauseBefore(policy, {
            tries,
            elapsedMs: clock.now() - startedAt,
            askedMs: failure instanceof TransientError ? (failure.retryAfterMs ?? 0) : 0,
            isStart: !this.#isReached,
          });
          if (typeof pauseMs === 'string') throw new RepeatedFailure(error, pauseMs);
          onWait?.(`${failure.message}; trying again in ${seconds(pauseMs)}`);
          await sleep(clock, pauseMs, signal);
        }
      }
    }

    /** One exchange, which ends in time. */
    async #once(params: TransportRequestParams, options: TransportRequestOptions): Promise<never> {
      const end = new AbortController();
      const outer = options.signal;
      const onAbort = () => end.abort();
      if (outer?.aborted === true) onAbort();
      outer?.addEventListener('abort', onAbort, { once: true });
      const overdue = new errors.TimeoutError('Request timed out');
      const cancelTimer = systemClock.after(requestTimeoutMs, () => end.abort(overdue));
      try {
        return await super.request<never>(params, { ...options, signal: end.signal });
      } catch (error) {
        throw end.signal.reason === overdue ? overdue : error;
      } finally {
        cancelTimer();
        outer?.removeEventListener('abort', onAbort);
      }
    }
  };
}

interface Failed {
  /** The one that has just failed included. */
  readonly tries: number;
  readonly elapsedMs: number;
  /** What Elasticsearch asked to wait; 0: nothing. */
  readonly askedMs: number;
  /** It has not answered at all yet. */
  readonly isStart: boolean;
}

/** Milliseconds until the next try, or the words for why there is none. */
function pauseBefore(policy: RequestPolicy, { tries, elapsedMs, askedMs, isStart }: Failed): number | string {
  const { start, maxRetries, maxElapsedMs, baseMs, random } = policy;
  const tried = `tried ${tries === 1 ? 'once' : `${tries} times`} in ${seconds(elapsedMs)}`;
  const startLeftMs = isStart ? start.maxWaitMs - elapsedMs : 0;
  if (startLeftMs > 0) {
    const pauseMs = Math.min(start.pauseMs * start.factor ** (tries - 1), longestPauseMs);
    // Never beyond the end, so that the last try is made when the time is over, and not long before.
    if (askedMs <= startLeftMs) return Math.ceil(Math.min(Math.max(pauseMs, askedMs, 1), startLeftMs));
  }
  const waited =
    isStart && start.maxWaitMs > 0 ? `; elasticsearch.max_wait_duration is ${seconds(start.maxWaitMs)}` : '';
  if (tries > maxRetries) return `${tried}${waited}`;
  const pauseMs = askedMs > 0 ? askedMs : random() * Math.min(baseMs * 2 ** (tries - 1), longestPauseMs);
  if (elapsedMs + pauseMs <= maxElapsedMs) return Math.ceil(pauseMs);
  const asked = askedMs > 0 ? `; Elasticsearch asks to wait ${seconds(askedMs)}` : '';
  return `${tried}${asked}, expected to be done within ${seconds(maxElapsedMs)}`;
}

function mayRepeat(
  { method, path }: TransportRequestParams,
  error: unknown,
  { retryOnTimeout }: RequestPolicy,
): boolean {
  if (error instanceof AnswerTooLarge || (error instanceof errors.TimeoutError && !retryOnTimeout)) return false;
  const parts = path.split('/');
  const isSameAgain =
    method === 'POST' ? parts.some((part) => harmlessPosts.includes(part)) : !parts.includes('_create');
  if (isSameAgain) return true;
  return error instanceof errors.ResponseError && (error.statusCode === 429 || error.statusCode === 503);
}

/** A function, since an await in between may change it. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`;
}
