import { type Observable, defer, tap } from 'rxjs';
import { pump } from './pump.js';

/**
 * Pages, one after the other: `read` is given the page before (`undefined` for the first) and says where the next comes
 * from; `undefined` from it, or an Observable without a page, is the end. RxJS's `expand` recurses where pages come at
 * once; this does not. Holds one page.
 */
export function paged<P>(read: (before: P | undefined) => Observable<P> | undefined): Observable<P> {
  return defer(() => {
    let before: P | undefined;
    let isThereMore = true;
    return pump(
      () => {
        if (!isThereMore) return undefined;
        isThereMore = false;
        return read(before);
      },
      (page) =>
        page.pipe(
          tap((value) => {
            before = value;
            isThereMore = true;
          }),
        ),
      1,
    );
  });
}
