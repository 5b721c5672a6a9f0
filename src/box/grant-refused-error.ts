import { AuthError } from '../core/errors.js';

/** Box refused a sign-in. `code` and `description` are the two parts of its answer. */
export class GrantRefusedError extends AuthError {
  readonly code: string | undefined;
  readonly description: string | undefined;
  /** The answer's `Date` in milliseconds; `undefined` if it had none. */
  readonly serverNow: number | undefined;

  constructor(
    message: string,
    answer: {
      readonly code: string | undefined;
      readonly description: string | undefined;
      readonly serverNow: number | undefined;
    },
  ) {
    super(message);
    this.code = answer.code;
    this.description = answer.description;
    this.serverNow = answer.serverNow;
  }
}
