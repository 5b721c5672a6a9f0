import { foundValue } from './found-value.js';
import { idExpected, idText } from './id-text.js';

export interface BoxUser {
  readonly id: string;
  readonly name: string | null;
  readonly login: string | null;
  /** `active`, `inactive`, `cannot_delete_edit`, `cannot_delete_edit_upload`; `null` where Box does not say. */
  readonly status: string | null;
}

/** Characters of one text; what is longer is not kept. */
const longestText = 1_000;

/** Parses one user. Without a usable id it is a `problem` that names the field; any other field that is odd is `null`. */
export function parseUser(entry: unknown): { readonly user: BoxUser } | { readonly problem: string } {
  if (typeof entry !== 'object' || entry === null)
    return { problem: `user is ${foundValue(entry)}, expected an object` };
  const { id, name, login, status } = entry as Readonly<Record<string, unknown>>;
  const read = idText(id);
  // It becomes the value of a header.
  if (read === undefined || !/^[\x21-\x7e]+$/.test(read)) {
    return { problem: `field "id" of a user is ${foundValue(id)}, expected ${idExpected}, in ASCII` };
  }
  return { user: { id: read, name: textOf(name), login: textOf(login), status: textOf(status) } };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value.length <= longestText ? value.toWellFormed() : null;
}
