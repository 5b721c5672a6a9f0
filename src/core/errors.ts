import { redact } from './redact.js';

interface Options {
  readonly cause?: unknown;
}

/** Base of the errors that are meant for the person who runs the connector. Secrets are cut out on construction. */
export abstract class ConnectorError extends Error {
  constructor(name: string, message: string, options: Options = {}) {
    super(redact(message), options);
    // Given, not taken from the class: a bundler may rename that.
    this.name = name;
  }
}

/** The configuration or command line is wrong: exit code 2. `problems` has one line for each fault. */
export class ConfigError extends ConnectorError {
  readonly problems: readonly string[];

  constructor(problems: readonly string[], options?: Options) {
    super('ConfigError', problems.join('\n'), options);
    this.problems = problems.map(redact);
  }
}

/** The same request may succeed later. `retryAfterMs` is what the server asked for, if it did. */
export class TransientError extends ConnectorError {
  readonly retryAfterMs: number | undefined;
  readonly status: number | undefined;

  constructor(
    message: string,
    options: Options & { retryAfterMs?: number | undefined; status?: number | undefined } = {},
  ) {
    super('TransientError', message, options);
    this.retryAfterMs = options.retryAfterMs;
    this.status = options.status;
  }
}

/** The same input gives the same error again. `status` and `code` are the server's, if it answered. */
export class PermanentError extends ConnectorError {
  readonly status: number | undefined;
  readonly code: string | undefined;

  constructor(message: string, options: Options & { status?: number | undefined; code?: string | undefined } = {}) {
    super('PermanentError', message, options);
    this.status = options.status;
    this.code = options.code;
  }
}

/** The disk that the state is on is full or broken. Unlike other refusals it concerns the run as a whole and ends it. */
export class StateError extends PermanentError {
  constructor(message: string, options?: Options & { code?: string | undefined }) {
    super(message, options);
    this.name = 'StateError';
  }
}

/** Sign-in is refused: a person has to act. The message says what was refused and what to do. */
export class AuthError extends ConnectorError {
  constructor(message: string, options?: Options) {
    super('AuthError', message, options);
  }
}

/** A fault of the program, in one stage of the pipeline or in what stands still: ends the run, which can be resumed. */
export class StageError extends ConnectorError {
  constructor(message: string, options?: Options) {
    super('StageError', message, options);
  }
}

/** The work was called off (signal, unsubscribe). Never retried, never reported as a fault. */
export class AbortedError extends ConnectorError {
  constructor(message = 'Aborted', options?: Options) {
    super('AbortedError', message, options);
  }
}
