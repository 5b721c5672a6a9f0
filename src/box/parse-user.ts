export interface BoxUser {
  readonly id: string;
  readonly name: string | null;
  readonly login: string | null;
  /** `active`, `inactive`, `cannot_delete_edit`, `cannot_delete_edit_upload`; `null` where Box does not say. */
  readonly status: string | null;
}

/** Parses one user. Without a usable id, or with a field of the wrong type, it is a `problem` that names the field. */
export function parseUser(entry: unknown): { readonly user: BoxUser } | { readonly problem: string } {
  if (typeof entry !== 'object' || entry === null) return { problem: 'user is no object' };
  const { id, name = null, login = null, status = null } = entry as Record<string, unknown>;
  const idText = typeof id === 'number' && Number.isSafeInteger(id) ? String(id) : id;
  if (typeof idText !== 'string' || idText === '') return { problem: problem('id', id, 'an id') };
  if (!isText(name)) return { problem: problem('name', name, 'a text') };
  if (!isText(login)) return { problem: problem('login', login, 'a text') };
  if (!isText(status)) return { problem: problem('status', status, 'a text') };
  return { user: { id: idText, name, login, status } };
}

function isText(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}

function problem(field: string, value: unknown, expected: string): string {
  const found = value === undefined ? 'missing' : value === null ? 'null' : `of type ${typeof value}`;
  return `field "${field}" of a user is ${found}, expected ${expected}`;
}
