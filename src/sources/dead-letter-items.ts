import { EMPTY, type Observable, catchError, from, map, of, throwError } from 'rxjs';
import type { BoxApi } from '../box/box-api.js';
import type { BoxItem } from '../box/box-item.js';
import type { Envelope } from '../core/envelope.js';
import { inOrder } from '../core/flatten.js';
import { fromAbortable } from '../core/from-abortable.js';
import { type KnownItem, itemKey, itemTypes } from '../state/catalogue.js';
import type { DeadLetter } from '../state/dead-letters.js';
import type { Run } from '../state/run.js';
import type { Change, Found } from './change.js';
import { isUnreadable } from './list-folder.js';

export interface DeadLetterItemsDeps {
  readonly box: Pick<BoxApi, 'getItem'>;
  readonly run: Run;
}

/** How deep a chain of folders is followed upwards: deeper than any tree, so that a broken catalogue ends it. */
const deepest = 10_000;

/**
 * The items of dead letters, as Box has them now: one call each, as the user who saw the item. What Box no longer has
 * is left to the next run, which proves it; so is what cannot be asked for, and what has no whole path. Holds one item.
 */
export function deadLetterItems(
  { box, run }: DeadLetterItemsDeps,
  letters: readonly DeadLetter[],
): Observable<Envelope<Change>> {
  return from(letters).pipe(
    inOrder((letter) => {
      const type = itemTypes.find((known) => known === letter.type);
      if (type === undefined || letter.id === '' || !letter.path.startsWith('/')) return EMPTY;
      const known = run.known([letter.id]);
      const memory = known.get(itemKey(type, letter.id));
      const viewer = memory?.viewer ?? null;
      return fromAbortable((signal) => box.getItem(type, letter.id, viewer ?? undefined, signal)).pipe(
        catchError((error: unknown) => (isUnreadable(error) ? EMPTY : throwError(() => error))),
        inOrder((answer) => ('item' in answer ? of(answer) : EMPTY)),
        map(({ item, odd = [] }) => {
          const found = foundAgain(run, item, letter, memory);
          run.oddities.note(odd, { type, id: item.id, path: found.path });
          return found;
        }),
      );
    }),
    inOrder((found) =>
      run.ledger.reserve(1).pipe(inOrder(() => run.gates.admit([run.found(found, run.detachedPage())]))),
    ),
    inOrder((envelopes) => envelopes),
  );
}

function foundAgain(run: Run, item: BoxItem, letter: DeadLetter, known: KnownItem | undefined): Found {
  const parent = item.parent?.id ?? known?.parent ?? '0';
  return {
    kind: 'found',
    item,
    documentId: letter.documentId,
    seenAs: known?.viewer ?? null,
    path: `${letter.path.slice(0, letter.path.lastIndexOf('/') + 1) || '/'}${item.name ?? item.id}`,
    parent,
    ancestors: ancestorsOf(run, parent),
    known,
  };
}

/** From `0` down to `folder`, as the catalogue knows them. */
function ancestorsOf(run: Run, folder: string): readonly string[] {
  const above = [folder];
  for (let at = folder; at !== '0' && above.length < deepest;) {
    at = run.known([at]).get(itemKey('folder', at))?.parent ?? '0';
    above.unshift(at);
  }
  return above;
}
