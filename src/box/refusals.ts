import { AbortedError, AuthError, type PermanentError, type TransientError } from '../core/errors.js';
import { boxError } from './box-error.js';
import { type Failure, classify } from './classify.js';
import type { HttpClient, HttpRequest, HttpResponse } from './http-client.js';
import { parsePage } from './parse-page.js';
import { parseUser } from './parse-user.js';

interface Trial {
  readonly result: Promise<boolean>;
  readonly abandon: AbortController;
  waiting: number;
}

/** Users that are tried, at most, to see whether the app may act as any. */
const usersTried = 10;

/**
 * Tells a refusal of the sign-in, or of the app's rights, from one that concerns a single user, folder or file: the first
 * ends a run (`AuthError`), the second costs what it is about (`PermanentError`).
 *
 * - 403 for want of a scope: the app has the right if the same kind of call has worked before, for whomever; until one
 *   has, others are tried: the root of the token's own user, or those of up to ten other users. Content that is refused
 *   costs its text in any case.
 * - 401: the token is refused if `users/me` is refused as well.
 *
 * Holds the kinds of calls that have worked: a handful. Calls: none before a refusal, then one for each 401, and up to
 * eleven for each kind of call.
 */
export class Refusals {
  readonly #http: HttpClient;
  readonly #worked = new Set<string>();
  /** What is being tried, so that many refusals at once lead to one. */
  readonly #trials = new Map<string, Trial>();

  constructor(http: HttpClient) {
    this.#http = http;
  }

  /** A call has got what it asked for. */
  worked(request: HttpRequest): void {
    this.#worked.add(kindOf(request));
  }

  /** The error for an answer that is not what was asked for. Its body is read. */
  async errorOf(
    response: HttpResponse,
    request: HttpRequest,
    signal: AbortSignal,
  ): Promise<TransientError | PermanentError | AuthError> {
    const { status, headers } = response;
    const body = await response.text();
    // Retries are behind us, so the time for a Retry-After date does not matter.
    const verdict = classify({ status, headers, body, route: request.route }, 0);
    const failure = verdict.kind === 'ok' ? unexpected : verdict;
    const answer = { status, headers, body };
    if (!mayBeOfAll(failure, request)) return boxError(failure, answer, request);
    return boxError(failure, answer, request, (await this.#isOfOne(failure, request, signal)) ? 'one' : 'all');
  }

  async #isOfOne(failure: Failure, request: HttpRequest, signal: AbortSignal): Promise<boolean> {
    if (failure.kind !== 'auth' || failure.code !== 'insufficient_scope') {
      return (
        rightOf(request) !== 'self' &&
        (await this.#works({ method: 'GET', url: '/2.0/users/me', route: 'proofs' }, signal))
      );
    }
    const kind = kindOf(request);
    if (this.#worked.has(kind)) return true;
    const right = rightOf(request);
    if (right !== 'read') return right === 'download';
    return (await this.#tried(kind, request, signal)) || this.#worked.has(kind);
  }

  /** Joins the trial that is under way, or begins one. Who leaves it does not end it for the others. */
  #tried(kind: string, request: HttpRequest, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.reject(new AbortedError());
    const trial = this.#trials.get(kind) ?? this.#begin(kind, request);
    trial.waiting += 1;
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        trial.waiting -= 1;
        if (trial.waiting === 0) {
          this.#trials.delete(kind);
          trial.abandon.abort();
        }
        reject(new AbortedError());
      };
      signal.addEventListener('abort', onAbort, { once: true });
      trial.result.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
    });
  }

  #begin(kind: string, request: HttpRequest): Trial {
    const abandon = new AbortController();
    const result = this.#worksForAnother(request, abandon.signal);
    const trial: Trial = { result, abandon, waiting: 0 };
    this.#trials.set(kind, trial);
    const end = () => {
      if (this.#trials.get(kind) === trial) this.#trials.delete(kind);
    };
    result.then(end, end);
    return trial;
  }

  async #worksForAnother(request: HttpRequest, signal: AbortSignal): Promise<boolean> {
    if (request.asUser === undefined && !isOwnRoot(request)) return this.#works(rootOf(undefined), signal);
    for (const id of await this.#someUsers(request.asUser, signal)) {
      if (await this.#works(rootOf(id), signal)) return true;
    }
    return false;
  }

  async #works(request: HttpRequest, signal: AbortSignal): Promise<boolean> {
    try {
      const { status } = await this.#http(request, signal);
      if (status !== 200) return false;
      this.worked(request);
      return true;
    } catch (error) {
      if (error instanceof AbortedError || error instanceof AuthError) throw error;
      return false;
    }
  }

  /** Active users besides one. */
  async #someUsers(but: string | undefined, signal: AbortSignal): Promise<readonly string[]> {
    try {
      const query = new URLSearchParams({ fields: 'id,status', user_type: 'managed', usemarker: 'true', limit: '100' });
      const response = await this.#http(
        { method: 'GET', url: `/2.0/users?${query.toString()}`, route: 'proofs' },
        signal,
      );
      if (response.status !== 200) return [];
      const { entries } = parsePage(await response.json(), 'the list of users');
      const users = entries.map(parseUser).flatMap((entry) => ('user' in entry ? [entry.user] : []));
      return users
        .filter(({ id, status }) => id !== but && status !== 'inactive')
        .map(({ id }) => id)
        .slice(0, usersTried);
    } catch (error) {
      if (error instanceof AbortedError || error instanceof AuthError) throw error;
      return [];
    }
  }
}

/** A success that is none for the call, such as 204 or 206. */
const unexpected: Failure = { kind: 'permanent', code: 'unexpected_status', message: undefined };

/** Whether it may be the sign-in, or the rights of the app, that is refused. */
function mayBeOfAll(failure: Failure, { asUser }: HttpRequest): boolean {
  if (failure.kind === 'auth' || failure.kind === 'expired-token') return true;
  return failure.kind === 'permanent' && failure.code === 'user_deactivated' && asUser === undefined;
}

function rightOf({ url, route }: HttpRequest): 'self' | 'users' | 'download' | 'read' {
  if (/^\/2\.0\/users\/me(\?|$)/.test(url)) return 'self';
  if (url.startsWith('/2.0/users')) return 'users';
  return route === 'content' || route === 'download' ? 'download' : 'read';
}

/** Calls that need the same right. Acting as somebody is a right of its own. */
function kindOf(request: HttpRequest): string {
  return request.asUser === undefined ? rightOf(request) : `${rightOf(request)} as user`;
}

function rootOf(asUser: string | undefined): HttpRequest {
  return { method: 'GET', url: '/2.0/folders/0/items?fields=id&usemarker=true&limit=1', asUser, route: 'proofs' };
}

function isOwnRoot({ url, asUser }: HttpRequest): boolean {
  return asUser === undefined && /^\/2\.0\/folders\/0(\/|\?|$)/.test(url);
}
