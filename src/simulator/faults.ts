import type { Call, Route } from './call.js';

/** Which requests a rule is for: all that is given must fit. */
export interface FaultMatch {
  readonly route?: Route;
  readonly method?: string;
  /** A regular expression, or the text of one, on the path with its query. */
  readonly path?: RegExp | string;
  /** The `as-user` header. */
  readonly asUser?: string;
  /** The id in the path. */
  readonly id?: string;
  /** A regular expression, or the text of one, on the form of a token request. */
  readonly body?: RegExp | string;
  /** The n-th matching request first, counted from 1. Default 1. */
  readonly nth?: number;
  /** For so many requests. Default: for ever. */
  readonly times?: number;
}

/**
 * What happens instead of, or to, the true answer. `reset`: the connection is torn before an answer. `cut`: half of the
 * true body under its full length. `stall`: headers and one byte, then nothing. `drip`: the true body in small pieces,
 * `everyMs` apart. `html`: a gateway's error page. `broken-json`: the true body without its end, correct length.
 */
export type FaultAnswer =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly body?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** `after`: only when the request has had its effect. */
  | { readonly kind: 'reset'; readonly after?: boolean }
  | { readonly kind: 'cut' }
  | { readonly kind: 'stall' }
  | { readonly kind: 'drip'; readonly pieces?: number; readonly everyMs?: number }
  | { readonly kind: 'html'; readonly status?: number }
  | { readonly kind: 'broken-json' }
  | { readonly kind: 'delay'; readonly ms: number };

export interface FaultRule {
  readonly match: FaultMatch;
  readonly answer: FaultAnswer;
}

export interface Fault extends FaultRule {
  /** For `remove`. */
  readonly id: number;
  /** Requests that fitted, and those that were spoilt. */
  readonly matched: number;
  readonly applied: number;
}

/** Rules that spoil answers. The first rule that applies is taken; later ones do not see that request. */
export class Faults {
  readonly #rules: { id: number; rule: FaultRule; matched: number; applied: number }[] = [];
  #last = 0;

  add(rule: FaultRule): Fault {
    this.#last += 1;
    const entry = { id: this.#last, rule, matched: 0, applied: 0 };
    this.#rules.push(entry);
    return {
      ...rule,
      id: entry.id,
      get matched() {
        return entry.matched;
      },
      get applied() {
        return entry.applied;
      },
    };
  }

  remove(id: number): void {
    const index = this.#rules.findIndex((rule) => rule.id === id);
    if (index >= 0) this.#rules.splice(index, 1);
  }

  clear(): void {
    this.#rules.length = 0;
  }

  list(): Fault[] {
    return this.#rules.map(({ id, rule, matched, applied }) => ({ id, ...rule, matched, applied }));
  }

  /** What is to happen to a request, if anything. */
  next(call: Call, url: string): FaultAnswer | undefined {
    for (const entry of this.#rules) {
      const { match, answer } = entry.rule;
      if (!fits(match, call, url)) continue;
      entry.matched += 1;
      const { nth = 1, times = Infinity } = match;
      if (entry.matched < nth || entry.applied >= times) continue;
      entry.applied += 1;
      return answer;
    }
    return undefined;
  }
}

function fits({ route, method, path, asUser, id, body }: FaultMatch, call: Call, url: string): boolean {
  return (
    (route === undefined || route === call.route) &&
    (method === undefined || method === call.method) &&
    (id === undefined || id === call.id) &&
    (asUser === undefined || asUser === call.headers['as-user']) &&
    (path === undefined || new RegExp(path).test(url)) &&
    (body === undefined || new RegExp(body).test(call.body))
  );
}
