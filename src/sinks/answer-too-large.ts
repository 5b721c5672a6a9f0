/** An answer was not read to its end, since it is larger than the client takes. */
export class AnswerTooLarge extends Error {
  readonly maxBytes: number;

  constructor(maxBytes: number) {
    super(`The answer is larger than ${maxBytes} bytes`);
    this.name = 'AnswerTooLarge';
    this.maxBytes = maxBytes;
  }
}
