import { type Observable, lastValueFrom, tap, toArray } from 'rxjs';
import { map } from 'rxjs';
import type { Envelope } from '../../src/core/envelope.js';
import type { Outcome } from '../../src/core/outcome.js';
import type { Change, Found } from '../../src/sources/change.js';

export const written: Outcome = { kind: 'written', version: { signature: 's', content: null } };

/** Everything that a source emits, in order, each settled as soon as it comes. */
export function walked(source: Observable<Envelope<Change>>, outcome: Outcome = written): Promise<Change[]> {
  return lastValueFrom(
    source.pipe(
      tap((envelope) => envelope.settle(envelope.value.kind === 'gone' ? { kind: 'deleted' } : outcome)),
      map(({ value }) => value),
      toArray(),
    ),
  );
}

/** `file 12` of each item that was found. */
export function keysOf(changes: readonly Change[]): string[] {
  return changes.map((change) => (change.kind === 'found' ? keyOf(change) : `gone ${change.type} ${change.id}`));
}

function keyOf({ item }: Found): string {
  return `${item.type} ${item.id}`;
}

/** Lets everything that is under way come to rest. */
export async function turns(count = 20): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
