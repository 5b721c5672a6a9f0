import { NEVER, type Observable, of, throwError } from 'rxjs';
import * as assert from 'uvu/assert';
import { AbortedError, AuthError, PermanentError, TransientError } from '../../src/core/errors.js';
import type { BulkAnswer } from '../../src/sinks/bulk-client.js';
import { BulkCounts } from '../../src/sinks/bulk-counts.js';
import { suite } from '../support/suite.js';

const request = { index: 'i', pipeline: null, body: '' };

/** The counts after these requests; one that is never answered is given up. */
function counted(...answers: readonly Observable<BulkAnswer>[]): BulkCounts {
  const counts = new BulkCounts();
  for (const answer of answers) {
    counts
      .counted({ bulk: () => answer })
      .bulk(request)
      .subscribe({ error: () => {} })
      .unsubscribe();
  }
  return counts;
}

const failure = (error: Error) => throwError(() => error);

suite('BulkCounts', (test) => {
  test('counts each request by how it ended', () => {
    const { requests, ends } = counted(
      of({ errors: false, items: [] }),
      failure(new TransientError('busy', { status: 429 })),
      failure(new TransientError('cut')),
      failure(new PermanentError('too large', { status: 413 })),
      failure(new AuthError('no')),
      failure(new AbortedError()),
      NEVER,
    );
    assert.is(requests, 7);
    assert.equal(
      [...ends],
      [
        [200, 1],
        [429, 1],
        ['no-answer', 1],
        [413, 1],
        ['refused', 1],
        ['aborted', 2],
      ],
    );
  });

  test('counts each operation by the status that it was given', () => {
    const { items } = counted(
      of({ errors: false, items: [{ index: { status: 201 } }, { update: { status: 200 } }] }),
      of({
        errors: true,
        items: [{ index: { status: 201 } }, { index: { status: 429 } }, { delete: { status: 404 } }, {}],
      }),
    );
    assert.equal(
      [...items],
      [
        [200, 4],
        [429, 1],
        [404, 1],
      ],
    );
  });
});
