import { isAnswerTooLarge } from './answer-too-large.js';

/** Lists whose limit is remembered. */
const mostLists = 1_000;

/**
 * Asks for a page of a list with half as many entries, and half of that, as long as the answer is too large, down to one
 * entry. What has fitted is remembered until the list ends, for up to 1,000 lists.
 */
export class PageLimits {
  readonly #fitted = new Map<string, number>();

  /** `list` names the list; `ask` reads one page with at most so many entries. */
  async read<P extends { readonly nextMarker: string | null }>(
    list: string,
    limit: number,
    ask: (limit: number) => Promise<P>,
  ): Promise<P> {
    for (let asked = Math.min(limit, this.#fitted.get(list) ?? limit); ; asked = Math.floor(asked / 2)) {
      try {
        const page = await ask(asked);
        if (page.nextMarker === null) this.#fitted.delete(list);
        else if (asked < limit) this.#remember(list, asked);
        return page;
      } catch (error) {
        if (!isAnswerTooLarge(error) || asked <= 1) {
          this.#fitted.delete(list);
          throw error;
        }
      }
    }
  }

  #remember(list: string, limit: number): void {
    const [oldest] = this.#fitted.keys();
    if (this.#fitted.size >= mostLists && oldest !== undefined) this.#fitted.delete(oldest);
    this.#fitted.set(list, limit);
  }
}
