import type {
  BoxClassification,
  BoxFileVersion,
  BoxFolderMini,
  BoxItem,
  BoxSharedLink,
  BoxUserMini,
} from './box-item.js';

/** An entry, or why it is none; `type` and `id` are what could be read of them, else `''`. */
export type ParsedItem =
  { readonly item: BoxItem } | { readonly problem: string; readonly type: string; readonly id: string };

type Fields = Readonly<Record<string, unknown>>;

/**
 * Parses one entry of a listing, or the answer to a call for one item. What is missing or null is `null`; ids may be
 * JSON numbers; nested objects are reduced to a fixed set of keys. A field of the wrong type makes the whole entry a
 * `problem` that names it. Never throws.
 */
export function parseItem(entry: unknown): ParsedItem {
  try {
    return { item: itemOf(entry) };
  } catch (error) {
    if (!(error instanceof FieldProblem)) throw error;
    const { type, id } = isFields(entry) ? entry : { type: undefined, id: undefined };
    return {
      problem: error.message,
      type: typeof type === 'string' ? type : '',
      id: typeof id === 'string' || typeof id === 'number' ? String(id) : '',
    };
  }
}

class FieldProblem extends Error {}

function itemOf(entry: unknown): BoxItem {
  if (!isFields(entry)) throw new FieldProblem(`entry is ${found(entry)}, expected an object`);
  const e = entry;
  switch (e['type']) {
    case 'file':
      return {
        type: 'file',
        id: id(e['id'], 'id'),
        etag: numeral(e['etag'], 'etag'),
        sequence_id: numeral(e['sequence_id'], 'sequence_id'),
        name: text(e['name'], 'name'),
        description: text(e['description'], 'description'),
        created_at: text(e['created_at'], 'created_at'),
        modified_at: text(e['modified_at'], 'modified_at'),
        created_by: user(e['created_by'], 'created_by'),
        modified_by: user(e['modified_by'], 'modified_by'),
        owned_by: user(e['owned_by'], 'owned_by'),
        parent: folder(e['parent']),
        item_status: text(e['item_status'], 'item_status'),
        shared_link: sharedLink(e['shared_link']),
        size: size(e['size']),
        content_created_at: text(e['content_created_at'], 'content_created_at'),
        content_modified_at: text(e['content_modified_at'], 'content_modified_at'),
        sha1: text(e['sha1'], 'sha1'),
        file_version: fileVersion(e['file_version']),
        extension: text(e['extension'], 'extension'),
        tags: tags(e['tags']),
        classification: classification(e['classification']),
      };
    case 'folder':
      return {
        type: 'folder',
        id: id(e['id'], 'id'),
        etag: numeral(e['etag'], 'etag'),
        sequence_id: numeral(e['sequence_id'], 'sequence_id'),
        name: text(e['name'], 'name'),
        description: text(e['description'], 'description'),
        created_at: text(e['created_at'], 'created_at'),
        modified_at: text(e['modified_at'], 'modified_at'),
        created_by: user(e['created_by'], 'created_by'),
        modified_by: user(e['modified_by'], 'modified_by'),
        owned_by: user(e['owned_by'], 'owned_by'),
        parent: folder(e['parent']),
        item_status: text(e['item_status'], 'item_status'),
        shared_link: sharedLink(e['shared_link']),
        size: size(e['size']),
        content_created_at: text(e['content_created_at'], 'content_created_at'),
        content_modified_at: text(e['content_modified_at'], 'content_modified_at'),
        tags: tags(e['tags']),
        classification: classification(e['classification']),
      };
    case 'web_link':
      return {
        type: 'web_link',
        id: id(e['id'], 'id'),
        etag: numeral(e['etag'], 'etag'),
        sequence_id: numeral(e['sequence_id'], 'sequence_id'),
        name: text(e['name'], 'name'),
        description: text(e['description'], 'description'),
        created_at: text(e['created_at'], 'created_at'),
        modified_at: text(e['modified_at'], 'modified_at'),
        created_by: user(e['created_by'], 'created_by'),
        modified_by: user(e['modified_by'], 'modified_by'),
        owned_by: user(e['owned_by'], 'owned_by'),
        parent: folder(e['parent']),
        item_status: text(e['item_status'], 'item_status'),
        shared_link: sharedLink(e['shared_link']),
        url: text(e['url'], 'url'),
      };
    default:
      throw new FieldProblem(`field "type" is ${found(e['type'])}, expected file, folder or web_link`);
  }
}

function user(value: unknown, field: string): BoxUserMini | null {
  if (value === undefined || value === null) return null;
  const of = fields(value, field);
  return {
    type: text(of['type'], `${field}.type`) ?? 'user',
    // Anonymous actors come without one, too.
    id: numeral(of['id'], `${field}.id`) ?? '',
    name: text(of['name'], `${field}.name`),
    login: text(of['login'], `${field}.login`),
  };
}

function folder(value: unknown): BoxFolderMini | null {
  if (value === undefined || value === null) return null;
  const of = fields(value, 'parent');
  return {
    type: text(of['type'], 'parent.type') ?? 'folder',
    id: id(of['id'], 'parent.id'),
    sequence_id: numeral(of['sequence_id'], 'parent.sequence_id'),
    etag: numeral(of['etag'], 'parent.etag'),
    name: text(of['name'], 'parent.name'),
  };
}

function fileVersion(value: unknown): BoxFileVersion | null {
  if (value === undefined || value === null) return null;
  const of = fields(value, 'file_version');
  return {
    type: text(of['type'], 'file_version.type') ?? 'file_version',
    id: id(of['id'], 'file_version.id'),
    sha1: text(of['sha1'], 'file_version.sha1'),
  };
}

function sharedLink(value: unknown): BoxSharedLink | null {
  if (value === undefined || value === null) return null;
  const of = fields(value, 'shared_link');
  return {
    url: text(of['url'], 'shared_link.url'),
    download_url: text(of['download_url'], 'shared_link.download_url'),
    vanity_url: text(of['vanity_url'], 'shared_link.vanity_url'),
    vanity_name: text(of['vanity_name'], 'shared_link.vanity_name'),
    access: text(of['access'], 'shared_link.access'),
    effective_access: text(of['effective_access'], 'shared_link.effective_access'),
    effective_permission: text(of['effective_permission'], 'shared_link.effective_permission'),
    unshared_at: text(of['unshared_at'], 'shared_link.unshared_at'),
    is_password_enabled: flag(of['is_password_enabled'], 'shared_link.is_password_enabled'),
  };
}

function classification(value: unknown): BoxClassification | null {
  if (value === undefined || value === null) return null;
  const of = fields(value, 'classification');
  return {
    name: text(of['name'], 'classification.name'),
    definition: text(of['definition'], 'classification.definition'),
    color: text(of['color'], 'classification.color'),
  };
}

function tags(value: unknown): readonly string[] | null {
  if (value === undefined || value === null) return null;
  if (!Array.isArray(value)) throw wrong('tags', value, 'a list of texts');
  const list: readonly unknown[] = value;
  return list.map((tag) => {
    if (typeof tag !== 'string') throw wrong('tags', tag, 'texts in the list');
    return tag;
  });
}

function text(value: unknown, field: string): string | null {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) return null;
  throw wrong(field, value, 'a text');
}

function flag(value: unknown, field: string): boolean | null {
  if (typeof value === 'boolean') return value;
  if (value === undefined || value === null) return null;
  throw wrong(field, value, 'true or false');
}

/** Bytes. Box writes large ones as `1.0034576983313e+14`; the index takes what fits into 63 bits. */
function size(value: unknown): number | null {
  if (value === undefined || value === null) return null;
  if (typeof value !== 'number') throw wrong('size', value, 'a number');
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** 63) throw wrong('size', value, 'a whole number of bytes');
  return value;
}

function id(value: unknown, field: string): string {
  const read = numeral(value, field);
  if (read === null || read === '') throw wrong(field, value, 'an id');
  return read;
}

/** A text; as a JSON number only where it is certain to be the number that was sent. */
function numeral(value: unknown, field: string): string | null {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) return null;
  if (typeof value !== 'number') throw wrong(field, value, 'a text');
  if (!Number.isSafeInteger(value)) throw wrong(field, value, 'a text or a whole number below 2^53');
  return String(value);
}

function fields(value: unknown, field: string): Fields {
  if (!isFields(value)) throw wrong(field, value, 'an object');
  return value;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrong(field: string, value: unknown, expected: string): FieldProblem {
  return new FieldProblem(`field "${field}" is ${found(value)}, expected ${expected}`);
}

function found(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  if (typeof value === 'string')
    return `text ${JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}...` : value)}`;
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'number' || typeof value === 'boolean' ? `${typeof value} ${value}` : typeof value;
}
