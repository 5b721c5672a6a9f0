import type { IncomingHttpHeaders } from 'node:http';

/**
 * What a call is for; calls are counted by it. `folders` are listings of a folder, `items` reads of one file, folder or
 * web link, `me` reads of one user.
 */
export type Route =
  | 'token'
  | 'revoke'
  | 'authorize'
  | 'folders'
  | 'items'
  | 'content'
  | 'download'
  | 'representations'
  | 'trash'
  | 'users'
  | 'me'
  | 'groups'
  | 'memberships'
  | 'collaborations'
  | 'events'
  | 'long-poll'
  | 'shared-items'
  | 'other';

/** One request, read. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly route: Route;
  /** The id in the path, if there is one. */
  readonly id: string;
  /** Address of the simulator itself, without a slash at the end. */
  readonly origin: string;
  /** Resolves when the client has gone. */
  readonly signal: AbortSignal;
}

/** On whose behalf an authenticated call is made. */
export interface Acting {
  readonly userId: string;
  /** User of the token itself. */
  readonly tokenUserId: string;
  readonly scopes: ReadonlySet<string>;
  /** A downscoped token reaches this item and what is below it only: `file/1`, `folder/1`. */
  readonly restrictedTo: string | null;
}
