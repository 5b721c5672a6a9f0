import type { Client } from '@elastic/elasticsearch';
import { EMPTY, type Observable, catchError, concat, defer, ignoreElements, map, of, retry, throwError } from 'rxjs';
import { PermanentError, TransientError } from '../core/errors.js';
import { inOrder } from '../core/flatten.js';
import { fromAbortable } from '../core/from-abortable.js';
import { paged } from '../core/paged.js';
import type { IndexedPage } from '../state/census.js';
import { AnswerTooLarge } from './answer-too-large.js';
import { elasticsearchError } from './elasticsearch-error.js';
import { indexedPage } from './indexed-page.js';
import { isObject } from './is-object.js';
import { wrongAnswer } from './wrong-answer.js';

export interface ElasticsearchDocumentsOptions {
  readonly index: string;
  /** Whether each document is to be expected in the walk of its owner, or in the token's own. */
  readonly isEnterprise: boolean;
  /** Documents of one page. Default 2,000. */
  readonly pageSize?: number;
}

interface Page {
  readonly pit: string;
  readonly after: readonly unknown[] | null;
  readonly documents: IndexedPage;
}

const keepAlive = '5m';

/** How often reading begins anew where the point in time is gone: a node that kept it has stopped. */
const mostRestarts = 3;

/**
 * Every document of the index, in pages, read at one point in time: only what says which item it is of and which
 * version. Documents that are not of this connector's or Elastic's shape are strangers. Holds one page.
 *
 * Where Elasticsearch loses the point in time, reading begins anew, at most three times: pages come again then. A page
 * that is too large to be read (documents of others may hold anything) is read in halves.
 */
export function elasticsearchDocuments(
  client: Client,
  { index, isEnterprise, pageSize = 2_000 }: ElasticsearchDocumentsOptions,
): Observable<IndexedPage> {
  const action = `read the index "${index}"`;
  const call = <T>(start: (signal: AbortSignal) => Promise<T>) =>
    fromAbortable(start).pipe(
      catchError((error: unknown) => throwError(() => elasticsearchError(error, action, index))),
    );
  const open = call((signal) => client.openPointInTime({ index, keep_alive: keepAlive }, { signal })).pipe(
    map((answer: unknown): string => {
      const id = isObject(answer) ? answer['id'] : undefined;
      if (typeof id !== 'string' || id === '')
        throw wrongAnswer(action, answer, '"id" of the point in time is missing');
      return id;
    }),
  );
  const close = (pit: string) => call((signal) => client.closePointInTime({ id: pit }, { signal }));
  const read = (pit: string, after: readonly unknown[] | null, size = pageSize): Observable<Page> =>
    fromAbortable((signal) =>
      client.search(
        {
          pit: { id: pit, keep_alive: keepAlive },
          size,
          sort: [{ _shard_doc: 'asc' }],
          track_total_hits: false,
          // What a shard that fails holds would count as lost.
          allow_partial_search_results: false,
          _source: ['_sync', 'id', 'type', 'parent.id', 'owned_by.id'],
          ...(after === null ? {} : { search_after: [...after] as never }),
        },
        { signal },
      ),
    ).pipe(
      map((answer: unknown): Page => {
        const { hits, pitId } = parseHits(answer, action);
        const last = hits.length < size ? null : (hits.at(-1)?.sort ?? []);
        if (last !== null && (last.length === 0 || String(last) === String(after))) {
          throw wrongAnswer(action, answer, 'a full page does not say where the next one begins');
        }
        const documents = indexedPage(
          hits.map(({ id, source }) => [id, source] as const),
          isEnterprise,
        );
        return { pit: pitId ?? pit, after: last, documents };
      }),
      catchError((error: unknown) => {
        if (error instanceof AnswerTooLarge && size > 1) return read(pit, after, size >> 1);
        const failure = elasticsearchError(error, action, index);
        return throwError(() => (isLost(failure) ? new PointInTimeLost(action) : failure));
      }),
    );
  const pages = open.pipe(
    inOrder((id) => {
      let pit = id;
      return concat(
        paged<Page>((before) => {
          if (before === undefined) return read(id, null);
          return before.after === null ? undefined : read(before.pit, before.after);
        }).pipe(
          map((page) => {
            pit = page.pit;
            return page.documents;
          }),
        ),
        // It would go by itself after some minutes: not being able to close it is no reason to fail.
        defer(() => close(pit)).pipe(
          ignoreElements(),
          catchError(() => EMPTY),
        ),
      );
    }),
  );
  return pages.pipe(
    retry({
      count: mostRestarts,
      delay: (error: unknown) => (error instanceof PointInTimeLost ? of(undefined) : throwError(() => error)),
    }),
  );
}

/** A node that kept it has stopped, or a page has taken longer than it is kept. */
class PointInTimeLost extends TransientError {
  constructor(action: string) {
    super(
      `Cannot ${action}: Elasticsearch has lost the point in time ${mostRestarts + 1} times, expected it to be kept for ${keepAlive} between two pages. Look at whether its nodes stay up, and start again`,
      { status: 404 },
    );
  }
}

/** Of the index itself it is said that it is missing. */
function isLost(failure: Error): boolean {
  return failure instanceof PermanentError && failure.status === 404 && failure.code !== 'index_not_found_exception';
}

interface Hit {
  readonly id: string;
  readonly source: unknown;
  readonly sort: readonly unknown[];
}

/** A page that is not whole is none: the documents that it lacks would count as lost. */
function parseHits(answer: unknown, action: string): { readonly hits: readonly Hit[]; readonly pitId: string | null } {
  const within = isObject(answer) && isObject(answer['hits']) ? answer['hits']['hits'] : undefined;
  if (!isObject(answer) || !Array.isArray(within)) throw wrongAnswer(action, answer, '"hits.hits" is missing');
  const { pit_id: pitId, timed_out: isTimedOut, _shards: shards } = answer;
  if (isTimedOut === true || (isObject(shards) && shards['failed'] !== undefined && shards['failed'] !== 0)) {
    throw new TransientError(
      `Cannot ${action}: a part of it did not answer, expected all of it. Look at the health of the index, and start again`,
    );
  }
  const hits = within.map((hit: unknown): Hit => {
    const id = isObject(hit) ? hit['_id'] : undefined;
    if (!isObject(hit) || typeof id !== 'string' || id === '') throw wrongAnswer(action, answer, 'a hit has no "_id"');
    const { _source: source, sort } = hit;
    return { id, source, sort: Array.isArray(sort) ? sort : [] };
  });
  return { hits, pitId: typeof pitId === 'string' ? pitId : null };
}
