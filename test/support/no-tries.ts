import type { Tries } from '../../src/extractors/with-patience.js';

/** Tries in memory, none at first. */
export class NoTries implements Tries {
  readonly kept = new Map<string, { content: string; tries: number }>();

  count({ id, content }: { id: string; content: string }): number {
    const known = this.kept.get(id);
    return known?.content === content ? known.tries : 0;
  }

  failed(tried: { id: string; content: string }): number {
    const tries = this.count(tried) + 1;
    this.kept.set(tried.id, { content: tried.content, tries });
    return tries;
  }
}
