import { TransientError } from '../core/errors.js';
import { foundValue } from './found-value.js';
import { idExpected, idText } from './id-text.js';

export interface FolderPlace {
  readonly id: string;
  /** `/A/B`, own name included. */
  readonly path: string;
  /** Ids of the folders above it, from `0` down. */
  readonly ancestors: readonly string[];
  /** Empty if Box does not say. */
  readonly owner: string;
}

/** Characters of a name; a longer one is no name of Box. */
const longestName = 65_536;

/**
 * Parses what Box says of a folder with its `path_collection`. A name that is none gives way to the id, as it does in a
 * listing. Throws `TransientError` that names the wrong field: such an answer is broken.
 */
export function parseFolderPlace(body: unknown): FolderPlace {
  const id = idOf(body, 'id');
  const entries = member(member(body, 'path_collection'), 'entries');
  if (!Array.isArray(entries)) {
    throw new TransientError(
      `Cannot read what Box says of folder ${id}: field "path_collection.entries" is ${foundValue(entries)}, expected a list`,
    );
  }
  const above = entries.map((entry: unknown) => {
    const aboveId = idOf(entry, 'path_collection.entries.id');
    return { id: aboveId, name: nameOf(entry) ?? aboveId };
  });
  const names = [...above.filter((folder) => folder.id !== '0').map((folder) => folder.name), nameOf(body) ?? id];
  const owner = member(member(body, 'owned_by'), 'id');
  return {
    id,
    path: id === '0' ? '' : names.map((part) => `/${part}`).join(''),
    ancestors: above.map((folder) => folder.id),
    owner: idText(owner) ?? '',
  };
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}

function idOf(value: unknown, field: string): string {
  const id = member(value, 'id');
  const read = idText(id);
  if (read !== undefined) return read;
  throw new TransientError(
    `Cannot read what Box says of a folder: field "${field}" is ${foundValue(id)}, expected ${idExpected}`,
  );
}

function nameOf(value: unknown): string | undefined {
  const name = member(value, 'name');
  return typeof name === 'string' && name.length <= longestName ? name.toWellFormed() : undefined;
}
