import type { Content } from './content.js';

export type ItemType = 'file' | 'folder' | 'web_link';

export interface SharedLink {
  readonly token: string;
  readonly access: 'open' | 'company' | 'collaborators';
  /** What an administrator's policy leaves of `access`. */
  readonly effectiveAccess: 'open' | 'company' | 'collaborators';
  readonly password: string | null;
  readonly unsharedAt: string | null;
}

export interface Classification {
  readonly name: string;
  readonly definition: string;
  readonly color: string;
}

export interface FileVersion {
  readonly id: string;
  readonly content: Content;
}

/** A file, folder or web link of the simulated Box. A change makes a new object. Roots are no items. */
export interface Item {
  readonly type: ItemType;
  readonly id: string;
  readonly name: string;
  /** Id of the folder it lies in, or the root key of the account (`rootKey`). */
  readonly parent: string;
  readonly etag: number;
  readonly description: string | null;
  readonly createdAt: string | null;
  readonly modifiedAt: string | null;
  readonly contentCreatedAt: string | null;
  readonly contentModifiedAt: string | null;
  /** Ids of users. */
  readonly createdBy: string;
  readonly modifiedBy: string;
  /** Files: the current version; for other types it has an empty id. */
  readonly version: FileVersion;
  /** Files: earlier versions, oldest first. */
  readonly earlier: readonly FileVersion[];
  /** Web links: where they lead. */
  readonly url: string;
  readonly tags: readonly string[];
  readonly classification: Classification | null;
  readonly sharedLink: SharedLink | null;
  /** Set while it lies in the trash itself (not for what is below a folder in the trash). */
  readonly trashedAt: string | null;
  /** JSON texts that are sent instead of what is true, by field; `undefined` leaves the field out. */
  readonly odd: ReadonlyMap<string, string | undefined> | undefined;
}

/** What follows the last dot of the name, or an empty text. */
export function extensionOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot > 0 ? name.slice(dot + 1) : '';
}

const rootPrefix = 'root:';

/** Stands for the folder `0` of one account wherever a parent is named. */
export function rootKey(userId: string): string {
  return rootPrefix + userId;
}

/** The account whose root a parent is, or `undefined` if it is an ordinary folder. */
export function rootOwner(parent: string): string | undefined {
  return parent.startsWith(rootPrefix) ? parent.slice(rootPrefix.length) : undefined;
}
