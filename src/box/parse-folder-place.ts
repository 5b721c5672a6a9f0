import { PermanentError } from '../core/errors.js';

export interface FolderPlace {
  readonly id: string;
  /** `/A/B`, own name included. */
  readonly path: string;
  /** Ids of the folders above it, from `0` down. */
  readonly ancestors: readonly string[];
  /** Empty if Box does not say. */
  readonly owner: string;
}

/** Parses what Box says of a folder with its `path_collection`. Throws `PermanentError` that names the wrong field. */
export function parseFolderPlace(body: unknown): FolderPlace {
  const id = textOf(member(body, 'id'), 'id');
  const name = textOf(member(body, 'name'), 'name');
  const entries = member(member(body, 'path_collection'), 'entries');
  if (!Array.isArray(entries)) {
    throw new PermanentError(`Cannot read what Box says of folder ${id}: field "path_collection.entries" is no list`);
  }
  const above = entries.map((entry: unknown) => ({
    id: textOf(member(entry, 'id'), 'path_collection.entries.id'),
    name: textOf(member(entry, 'name'), 'path_collection.entries.name'),
  }));
  const names = [...above.filter((folder) => folder.id !== '0').map((folder) => folder.name), name];
  const owner = member(member(body, 'owned_by'), 'id');
  return {
    id,
    path: id === '0' ? '' : names.map((part) => `/${part}`).join(''),
    ancestors: above.map((folder) => folder.id),
    owner: typeof owner === 'string' ? owner : '',
  };
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function textOf(value: unknown, field: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return String(value);
  throw new PermanentError(`Cannot read what Box says of a folder: field "${field}" is no text`);
}
