import { printable } from '../core/printable.js';
import type { Oddity } from './parse-item.js';

interface Noted {
  count: number;
  /** Of the first item. */
  readonly example: string;
}

/**
 * Counts the odd fields of a run's items. Holds one entry for each name of a field, with the first item as the example.
 */
export class Oddities {
  readonly #noted = new Map<string, Noted>();

  /** Notes what is odd about an item, each field once. */
  note(odd: readonly Oddity[], item: { readonly type: string; readonly id: string; readonly path: string }): void {
    const fields = new Set<string>();
    for (const { field, problem } of odd) {
      if (fields.has(field)) continue;
      fields.add(field);
      const noted = this.#noted.get(field);
      if (noted === undefined) {
        const example = `${item.type} ${item.id} "${printable(item.path)}": ${problem}`;
        this.#noted.set(field, { count: 1, example });
      } else noted.count += 1;
    }
  }

  /** One line for each field. */
  lines(): string[] {
    return [...this.#noted].map(
      ([field, { count, example }]) =>
        `Cannot use field "${field}" of ${count === 1 ? 'one item' : `${count} items`}: indexed without it. The first is ${example}. Look at the item in Box, and whether something between changes its answers`,
    );
  }
}
