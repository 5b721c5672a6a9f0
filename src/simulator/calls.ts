import type { Route } from './call.js';

/** One answered request. */
export interface CallRecord {
  readonly route: Route;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly asUser: string | undefined;
}

const keptRecords = 1_000;

/** Counts what was asked for. Calls of the admin API are not counted. */
export class Calls {
  #total = 0;
  #routes = new Map<Route, Map<number, number>>();
  #statuses = new Map<number, number>();
  #folders = new Map<string, number>();
  #users = new Map<string, number>();
  #recent: CallRecord[] = [];
  #exposedDownloads = 0;
  #faults = 0;

  get total(): number {
    return this.#total;
  }

  /** Calls of a route, whatever the answer, or those with one status. */
  of(route: Route, status?: number): number {
    const statuses = this.#routes.get(route);
    if (!statuses) return 0;
    if (status !== undefined) return statuses.get(status) ?? 0;
    return [...statuses.values()].reduce((sum, count) => sum + count, 0);
  }

  /** Answers with a status, on all routes. */
  withStatus(status: number): number {
    return this.#statuses.get(status) ?? 0;
  }

  /** Listing calls by folder id; roots are `0`. */
  get listingsByFolder(): ReadonlyMap<string, number> {
    return this.#folders;
  }

  /** Calls by acting user. */
  get byUser(): ReadonlyMap<string, number> {
    return this.#users;
  }

  /** The last 1,000 requests, oldest first. */
  get recent(): readonly CallRecord[] {
    return this.#recent;
  }

  /** Requests to a download address that carried `Authorization` or `as-user`. */
  get exposedDownloads(): number {
    return this.#exposedDownloads;
  }

  /** Answers that a fault rule has made or spoilt. */
  get faults(): number {
    return this.#faults;
  }

  count(record: CallRecord): void {
    this.#total += 1;
    const statuses = this.#routes.get(record.route) ?? new Map<number, number>();
    this.#routes.set(record.route, statuses.set(record.status, (statuses.get(record.status) ?? 0) + 1));
    this.#statuses.set(record.status, (this.#statuses.get(record.status) ?? 0) + 1);
    this.#recent.push(record);
    if (this.#recent.length > keptRecords * 2) this.#recent = this.#recent.slice(-keptRecords);
  }

  countListing(folderId: string): void {
    this.#folders.set(folderId, (this.#folders.get(folderId) ?? 0) + 1);
  }

  countUser(userId: string): void {
    this.#users.set(userId, (this.#users.get(userId) ?? 0) + 1);
  }

  countExposedDownload(): void {
    this.#exposedDownloads += 1;
  }

  countFault(): void {
    this.#faults += 1;
  }

  /** Everything as plain data. */
  toJSON(): object {
    const byRoute = Object.fromEntries(Array.from(this.#routes.keys(), (route) => [route, this.of(route)]));
    const byRouteAndStatus = Object.fromEntries(
      Array.from(this.#routes, ([route, statuses]) => [route, Object.fromEntries(statuses)]),
    );
    return {
      total: this.#total,
      byRoute,
      byStatus: Object.fromEntries(this.#statuses),
      byRouteAndStatus,
      exposedDownloads: this.#exposedDownloads,
      faults: this.#faults,
    };
  }

  reset(): void {
    this.#total = 0;
    this.#routes = new Map();
    this.#statuses = new Map();
    this.#folders = new Map();
    this.#users = new Map();
    this.#recent = [];
    this.#exposedDownloads = 0;
    this.#faults = 0;
  }
}
