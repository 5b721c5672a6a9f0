import type { Client } from '@elastic/elasticsearch';
import {
  EMPTY,
  type Observable,
  catchError,
  concat,
  concatMap,
  defer,
  expand,
  ignoreElements,
  map,
  throwError,
} from 'rxjs';
import { fromAbortable } from '../core/from-abortable.js';
import type { IndexedPage } from '../state/census.js';
import { elasticsearchError } from './elasticsearch-error.js';
import { indexedPage } from './indexed-page.js';

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

/**
 * Every document of the index, in pages, read at one point in time: only what says which item it is of and which
 * version. Documents that are not of this connector's or Elastic's shape are strangers. Holds one page.
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
  const open = call((signal) => client.openPointInTime({ index, keep_alive: keepAlive }, { signal }));
  const close = (pit: string) => call((signal) => client.closePointInTime({ id: pit }, { signal }));
  const read = (pit: string, after: readonly unknown[] | null): Observable<Page> =>
    call((signal) =>
      client.search<Record<string, unknown>>(
        {
          pit: { id: pit, keep_alive: keepAlive },
          size: pageSize,
          sort: [{ _shard_doc: 'asc' }],
          track_total_hits: false,
          _source: ['_sync', 'id', 'type', 'parent.id', 'owned_by.id'],
          ...(after === null ? {} : { search_after: [...after] as never }),
        },
        { signal },
      ),
    ).pipe(
      map((answer): Page => {
        const { hits } = answer.hits;
        const documents = indexedPage(
          hits.map((hit) => [hit._id ?? '', hit._source] as const),
          isEnterprise,
        );
        return {
          pit: answer.pit_id ?? pit,
          after: hits.length < pageSize ? null : (hits.at(-1)?.sort ?? null),
          documents,
        };
      }),
    );
  return open.pipe(
    concatMap(({ id }) => {
      let pit = id;
      return concat(
        read(id, null).pipe(
          expand((page) => (page.after === null ? EMPTY : read(page.pit, page.after)), 1),
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
}
