/** What a request to Elasticsearch failed with last, and how often it was tried: for `elasticsearchError`. */
export class RepeatedFailure extends Error {
  /** What the client threw. */
  readonly last: unknown;
  /** `tried 6 times in 34 s`. */
  readonly how: string;

  constructor(last: unknown, how: string) {
    super(how);
    this.name = 'RepeatedFailure';
    this.last = last;
    this.how = how;
  }
}
