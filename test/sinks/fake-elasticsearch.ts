import { type Observable, type SchedulerLike, concatMap, defer, of, throwError, timer } from 'rxjs';
import type { BulkAnswer, BulkClient, BulkItemAnswer, BulkRequest } from '../../src/sinks/bulk-client.js';
import { mergeDeep } from '../../src/sinks/merge-deep.js';

export interface FakeAction {
  readonly kind: 'index' | 'update' | 'delete';
  readonly id: string;
  readonly document: Readonly<Record<string, unknown>>;
}

/** What goes wrong; everything that is not given goes well. Counted from 0. */
export interface FakeFaults {
  /** Milliseconds until the answer to this request. */
  readonly latency?: (request: number) => number;
  /** Fails before anything is written. */
  readonly refuse?: (request: number, actions: readonly FakeAction[], body: string) => Error | undefined;
  /** Fails after everything is written. */
  readonly cut?: (request: number) => Error | undefined;
  /** This item is answered so, and not carried out. */
  readonly item?: (action: FakeAction, request: number) => BulkItemAnswer | undefined;
}

/** Document of a request that changes nothing (`trialBody`). */
export const trialId = 'outage-probe';

export interface FakeElasticsearch extends BulkClient {
  readonly documents: Map<string, Readonly<Record<string, unknown>>>;
  /** What each request held, in the order they came. */
  readonly requests: {
    readonly at: number;
    readonly pipeline: string | null;
    readonly actions: readonly FakeAction[];
  }[];
  /** Ids of each request under way; two with one id would be a fault. */
  readonly underWay: Set<readonly FakeAction[]>;
  peak: number;
}

/** An index in memory that answers `_bulk` in virtual time. */
export function fakeElasticsearch(scheduler: SchedulerLike, faults: FakeFaults = {}): FakeElasticsearch {
  const documents = new Map<string, Readonly<Record<string, unknown>>>();
  const requests: FakeElasticsearch['requests'] = [];
  const underWay = new Set<readonly FakeAction[]>();

  const carryOut = (action: FakeAction, request: number): Readonly<Record<string, BulkItemAnswer>> => {
    if (action.id === trialId) return { index: { status: 404, error: { type: 'index_not_found_exception' } } };
    const refused = faults.item?.(action, request);
    if (refused !== undefined) return { [action.kind]: refused };
    const before = documents.get(action.id);
    if (action.kind === 'delete') {
      documents.delete(action.id);
      return { delete: { status: before === undefined ? 404 : 200 } };
    }
    if (action.kind === 'update') {
      if (before === undefined) {
        return {
          update: {
            status: 404,
            error: { type: 'document_missing_exception', reason: `[${action.id}]: document missing` },
          },
        };
      }
      documents.set(action.id, mergeDeep(before, action.document));
      return { update: { status: 200 } };
    }
    documents.set(action.id, action.document);
    return { index: { status: before === undefined ? 201 : 200 } };
  };

  const answer = (actions: readonly FakeAction[], request: number): BulkAnswer => {
    const items = actions.map((action) => carryOut(action, request));
    return { errors: items.some((item) => Object.values(item).some(({ error }) => error !== undefined)), items };
  };

  const bulk = ({ pipeline, body }: BulkRequest): Observable<BulkAnswer> =>
    defer(() => {
      const actions = parse(body);
      const request = requests.length;
      requests.push({ at: scheduler.now(), pipeline, actions });
      for (const others of underWay) {
        const ids = new Set(others.map(({ id }) => id));
        const twice = actions.find(({ id }) => id !== trialId && ids.has(id));
        if (twice !== undefined) throw new Error(`"${twice.id}" is in two requests at once`);
      }
      underWay.add(actions);
      fake.peak = Math.max(fake.peak, underWay.size);
      return timer(faults.latency?.(request) ?? 10, scheduler).pipe(
        concatMap(() => {
          underWay.delete(actions);
          const refused = faults.refuse?.(request, actions, body);
          if (refused !== undefined) return throwError(() => refused);
          const said = answer(actions, request);
          const cut = faults.cut?.(request);
          return cut === undefined ? of(said) : throwError(() => cut);
        }),
      );
    });

  const fake: FakeElasticsearch = { bulk, documents, requests, underWay, peak: 0 };
  return fake;
}

function parse(body: string): FakeAction[] {
  const actions: FakeAction[] = [];
  const lines = body.split('\n');
  if (lines.pop() !== '') throw new Error('the body does not end with a newline');
  while (lines.length > 0) {
    const [kind, { _id: id }] = Object.entries(JSON.parse(lines.shift()!) as Record<string, { _id: string }>)[0]!;
    if (kind === 'delete') actions.push({ kind, id, document: {} });
    else if (kind === 'index')
      actions.push({ kind, id, document: JSON.parse(lines.shift()!) as Record<string, unknown> });
    else if (kind === 'update') {
      actions.push({ kind, id, document: (JSON.parse(lines.shift()!) as { doc: Record<string, unknown> }).doc });
    } else throw new Error(`unknown action ${kind}`);
  }
  return actions;
}
