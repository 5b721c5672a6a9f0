import { PermanentError } from '../core/errors.js';

const code = 'answer_too_large';

/** An answer of more than fits: asking for less of it may help. `found` and `expected` complete the sentence. */
export function answerTooLarge(refused: string, found: string, expected: string): PermanentError {
  return new PermanentError(`${refused}: the answer has more than ${found}, expected ${expected}`, { code });
}

export function isAnswerTooLarge(error: unknown): boolean {
  return error instanceof PermanentError && error.code === code;
}
