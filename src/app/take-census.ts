import { type Observable, defer, endWith, ignoreElements, of, tap } from 'rxjs';
import type { CensusResult } from '../state/census.js';
import type { Store } from '../state/store.js';
import type { BoxAccess } from './box-access.js';
import type { Target } from './target.js';

export interface TakeCensusDeps {
  readonly store: Pick<Store, 'census'>;
  readonly target: Pick<Target, 'documents'>;
  readonly access: Pick<BoxAccess, 'isEnterprise'>;
  readonly log: { readonly info: (found: CensusResult, message: string) => void };
}

/**
 * Reads which documents the index holds, and makes the catalogue say the same. Emits once, when that is done. Where they
 * cannot be read back, what the catalogue says is what there is, and all of it is written anew.
 */
export function takeCensus({ store, target, access, log }: TakeCensusDeps): Observable<void> {
  return defer(() => {
    if (target.documents === null) {
      store.census.doubtAll();
      return of(undefined);
    }
    store.census.begin();
    return target.documents(access.isEnterprise).pipe(
      tap((page) => store.census.add(page)),
      ignoreElements(),
      endWith(undefined),
      tap(() => {
        const found = store.census.end();
        if (found.lost + found.differing + found.adopted > 0) {
          log.info(found, 'The index was not as the state had it; the state now knows');
        }
      }),
    );
  });
}
