import type {
  BoxClassification,
  BoxFileVersion,
  BoxFolderMini,
  BoxItem,
  BoxSharedLink,
  BoxUserMini,
} from './box-item.js';
import { isDateText } from './date-text.js';
import { foundValue } from './found-value.js';
import { idExpected, idText } from './id-text.js';

/** A field that is not what it should be, and is `null` therefore. */
export interface Oddity {
  /** Its name: `created_by.name`. */
  readonly field: string;
  /** `field "size" is number -1, expected a whole number of bytes`. */
  readonly problem: string;
}

/**
 * An entry, with what is odd about it if anything is; or why it is none: `type` and `id` are what could be read of them,
 * else `''`.
 */
export type ParsedItem =
  | { readonly item: BoxItem; readonly odd?: readonly Oddity[] }
  | { readonly problem: string; readonly type: string; readonly id: string };

type Fields = Readonly<Record<string, unknown>>;

/** Characters of one text. Box allows far fewer in every field; what is longer is not kept. */
const longestText = 65_536;
/** Tags of one item. Box allows 100. */
const mostTags = 1_000;

/**
 * Parses one entry of a listing, or the answer to a call for one item. What is missing or null is `null`; ids may be
 * JSON numbers; nested objects are reduced to a fixed set of keys; half a surrogate pair is U+FFFD, since no index can
 * take it. Only `type` and `id` are needed: another field of the wrong type, a date that does not exist or a text without
 * measure is `null`, and said in `odd`. Never throws.
 */
export function parseItem(entry: unknown): ParsedItem {
  if (!isFields(entry)) return { problem: `entry is ${foundValue(entry)}, expected an object`, type: '', id: '' };
  const { type } = entry;
  const id = idText(entry['id']);
  if (type !== 'file' && type !== 'folder' && type !== 'web_link') {
    const problem = wrong('type', type, 'file, folder or web_link');
    return { problem, type: typeof type === 'string' && type.length <= 60 ? type : '', id: id ?? '' };
  }
  if (id === undefined) return { problem: wrong('id', entry['id'], idExpected), type, id: '' };
  const reader = new Reader();
  const item = itemOf(reader, type, id, entry);
  return reader.odd === undefined ? { item } : { item, odd: reader.odd };
}

function itemOf(read: Reader, type: BoxItem['type'], id: string, e: Fields): BoxItem {
  switch (type) {
    case 'file':
      return {
        type: 'file',
        id,
        etag: read.numeral(e['etag'], 'etag'),
        sequence_id: read.numeral(e['sequence_id'], 'sequence_id'),
        name: read.text(e['name'], 'name'),
        description: read.text(e['description'], 'description'),
        created_at: read.date(e['created_at'], 'created_at'),
        modified_at: read.date(e['modified_at'], 'modified_at'),
        created_by: read.user(e['created_by'], 'created_by'),
        modified_by: read.user(e['modified_by'], 'modified_by'),
        owned_by: read.user(e['owned_by'], 'owned_by'),
        parent: read.folder(e['parent']),
        item_status: read.text(e['item_status'], 'item_status'),
        shared_link: read.sharedLink(e['shared_link']),
        size: read.size(e['size']),
        content_created_at: read.date(e['content_created_at'], 'content_created_at'),
        content_modified_at: read.date(e['content_modified_at'], 'content_modified_at'),
        sha1: read.text(e['sha1'], 'sha1'),
        file_version: read.fileVersion(e['file_version']),
        extension: read.text(e['extension'], 'extension'),
        tags: read.tags(e['tags']),
        classification: read.classification(e['classification']),
      };
    case 'folder':
      return {
        type: 'folder',
        id,
        etag: read.numeral(e['etag'], 'etag'),
        sequence_id: read.numeral(e['sequence_id'], 'sequence_id'),
        name: read.text(e['name'], 'name'),
        description: read.text(e['description'], 'description'),
        created_at: read.date(e['created_at'], 'created_at'),
        modified_at: read.date(e['modified_at'], 'modified_at'),
        created_by: read.user(e['created_by'], 'created_by'),
        modified_by: read.user(e['modified_by'], 'modified_by'),
        owned_by: read.user(e['owned_by'], 'owned_by'),
        parent: read.folder(e['parent']),
        item_status: read.text(e['item_status'], 'item_status'),
        shared_link: read.sharedLink(e['shared_link']),
        size: read.size(e['size']),
        content_created_at: read.date(e['content_created_at'], 'content_created_at'),
        content_modified_at: read.date(e['content_modified_at'], 'content_modified_at'),
        tags: read.tags(e['tags']),
        classification: read.classification(e['classification']),
      };
    case 'web_link':
      return {
        type: 'web_link',
        id,
        etag: read.numeral(e['etag'], 'etag'),
        sequence_id: read.numeral(e['sequence_id'], 'sequence_id'),
        name: read.text(e['name'], 'name'),
        description: read.text(e['description'], 'description'),
        created_at: read.date(e['created_at'], 'created_at'),
        modified_at: read.date(e['modified_at'], 'modified_at'),
        created_by: read.user(e['created_by'], 'created_by'),
        modified_by: read.user(e['modified_by'], 'modified_by'),
        owned_by: read.user(e['owned_by'], 'owned_by'),
        parent: read.folder(e['parent']),
        item_status: read.text(e['item_status'], 'item_status'),
        shared_link: read.sharedLink(e['shared_link']),
        url: read.text(e['url'], 'url'),
      };
  }
}

/** Reads fields, and notes those that are odd. */
class Reader {
  odd: Oddity[] | undefined;

  user(value: unknown, field: string): BoxUserMini | null {
    const of = this.#fields(value, field);
    if (of === null) return null;
    return {
      type: this.text(of['type'], `${field}.type`) ?? 'user',
      // Anonymous actors come without one, too.
      id: this.numeral(of['id'], `${field}.id`) ?? '',
      name: this.text(of['name'], `${field}.name`),
      login: this.text(of['login'], `${field}.login`),
    };
  }

  folder(value: unknown): BoxFolderMini | null {
    const of = this.#fields(value, 'parent');
    if (of === null) return null;
    const id = this.#id(of['id'], 'parent.id');
    if (id === null) return null;
    return {
      type: this.text(of['type'], 'parent.type') ?? 'folder',
      id,
      sequence_id: this.numeral(of['sequence_id'], 'parent.sequence_id'),
      etag: this.numeral(of['etag'], 'parent.etag'),
      name: this.text(of['name'], 'parent.name'),
    };
  }

  fileVersion(value: unknown): BoxFileVersion | null {
    const of = this.#fields(value, 'file_version');
    if (of === null) return null;
    const id = this.#id(of['id'], 'file_version.id');
    if (id === null) return null;
    return {
      type: this.text(of['type'], 'file_version.type') ?? 'file_version',
      id,
      sha1: this.text(of['sha1'], 'file_version.sha1'),
    };
  }

  sharedLink(value: unknown): BoxSharedLink | null {
    const of = this.#fields(value, 'shared_link');
    if (of === null) return null;
    return {
      url: this.text(of['url'], 'shared_link.url'),
      download_url: this.text(of['download_url'], 'shared_link.download_url'),
      vanity_url: this.text(of['vanity_url'], 'shared_link.vanity_url'),
      vanity_name: this.text(of['vanity_name'], 'shared_link.vanity_name'),
      access: this.text(of['access'], 'shared_link.access'),
      effective_access: this.text(of['effective_access'], 'shared_link.effective_access'),
      effective_permission: this.text(of['effective_permission'], 'shared_link.effective_permission'),
      unshared_at: this.date(of['unshared_at'], 'shared_link.unshared_at'),
      is_password_enabled: this.#flag(of['is_password_enabled'], 'shared_link.is_password_enabled'),
    };
  }

  classification(value: unknown): BoxClassification | null {
    const of = this.#fields(value, 'classification');
    if (of === null) return null;
    return {
      name: this.text(of['name'], 'classification.name'),
      definition: this.text(of['definition'], 'classification.definition'),
      color: this.text(of['color'], 'classification.color'),
    };
  }

  tags(value: unknown): readonly string[] | null {
    if (value === undefined || value === null) return null;
    if (!Array.isArray(value)) return this.#odd('tags', value, 'a list of texts');
    if (value.length > mostTags) return this.#oddity('tags', `a list of ${value.length}`, `at most ${mostTags} texts`);
    const tags: string[] = [];
    for (const tag of value as readonly unknown[]) {
      if (typeof tag !== 'string') return this.#odd('tags', tag, 'texts in the list');
      const text = this.text(tag, 'tags');
      if (text === null) return null;
      tags.push(text);
    }
    return tags;
  }

  text(value: unknown, field: string): string | null {
    if (value === undefined || value === null) return null;
    if (typeof value !== 'string') return this.#odd(field, value, 'a text');
    if (value.length > longestText) {
      return this.#oddity(field, `a text of ${value.length} characters`, `at most ${longestText}`);
    }
    return value.isWellFormed() ? value : value.toWellFormed();
  }

  date(value: unknown, field: string): string | null {
    if (value === undefined || value === null) return null;
    if (typeof value === 'string' && isDateText(value)) return value;
    return this.#odd(field, value, 'an RFC 3339 date of the years 0 to 9999 in UTC');
  }

  /** Bytes. Box writes large ones as `1.0034576983313e+14`; the index takes what fits into 63 bits. */
  size(value: unknown): number | null {
    if (value === undefined || value === null) return null;
    if (typeof value !== 'number') return this.#odd('size', value, 'a number');
    if (Number.isInteger(value) && value >= 0 && value < 2 ** 63) return value;
    return this.#odd('size', value, 'a whole number of bytes');
  }

  /** A text; as a JSON number only where it is certain to be the number that was sent. */
  numeral(value: unknown, field: string): string | null {
    if (typeof value !== 'number') return this.text(value, field);
    if (Number.isSafeInteger(value)) return String(value);
    return this.#odd(field, value, 'a text or a whole number below 2^53');
  }

  #id(value: unknown, field: string): string | null {
    return idText(value) ?? this.#odd(field, value, idExpected);
  }

  #flag(value: unknown, field: string): boolean | null {
    if (value === undefined || value === null || typeof value === 'boolean') return value ?? null;
    return this.#odd(field, value, 'true or false');
  }

  #fields(value: unknown, field: string): Fields | null {
    if (value === undefined || value === null) return null;
    return isFields(value) ? value : this.#odd(field, value, 'an object');
  }

  #odd(field: string, value: unknown, expected: string): null {
    return this.#oddity(field, foundValue(value), expected);
  }

  #oddity(field: string, found: string, expected: string): null {
    (this.odd ??= []).push({ field, problem: `field "${field}" is ${found}, expected ${expected}` });
    return null;
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrong(field: string, value: unknown, expected: string): string {
  return `field "${field}" is ${foundValue(value)}, expected ${expected}`;
}
