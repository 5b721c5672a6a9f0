/** One request to Box. `url` is absolute or begins with `/` (then the base URL is put in front by a wrapper). */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'OPTIONS' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Box user on whose behalf the call is made (`as-user`); `undefined`: the token's own user. */
  readonly asUser?: string | undefined;
  /** What the call is for; the counts of calls in the run report are kept by it. */
  readonly route: BoxRoute;
  /**
   * Throws if the JSON of a good answer is not what was asked for; with a `TransientError` it is asked for again, like one
   * that was cut.
   */
  readonly check?: ((body: unknown) => void) | undefined;
  /** Why the same call is made once more; `undefined` for its first time. Such calls are counted apart. */
  readonly repeat?: RepeatReason | undefined;
  /** Room in memory for a body that is read as a whole: it is read on once `grow` has resolved. Default: as it comes. */
  readonly room?: { grow(bytes: number): Promise<void> } | undefined;
}

export type BoxRoute = 'token' | 'folders' | 'content' | 'users' | 'items' | 'events' | 'proofs' | 'download';

export type RepeatReason = 'not-ready' | 'token-renewed' | 'rate-limited' | 'server-error' | 'network' | 'url-expired';

/** An answer. Header names are lower case. The body is consumed once, by `text`, by `json` or by `bytes`. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Reads the whole body as UTF-8; of a refusal only its beginning. */
  text(): Promise<string>;
  /** Reads and parses the whole body; rejects with `SyntaxError` if it is not JSON. */
  json(): Promise<unknown>;
  /** The body as it arrives. Must be read to its end or cancelled by aborting the request's signal. */
  bytes(): AsyncIterable<Uint8Array>;
}

/** The one function through which everything reaches Box. Auth, retry, rate budget, logging, recording wrap it. */
export type HttpClient = (request: HttpRequest, signal: AbortSignal) => Promise<HttpResponse>;
