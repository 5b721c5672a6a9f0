/** A field of a mapping, as Elasticsearch takes and shows it. */
export interface FieldMapping {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, FieldMapping>>;
  readonly fields?: Readonly<Record<string, FieldMapping>>;
  readonly ignore_above?: number;
  readonly enabled?: boolean;
}

/** Longer values stay in the document and are not indexed: Lucene takes 32,766 bytes, a character at most 4. */
const keyword: FieldMapping = { type: 'keyword', ignore_above: 8_191 };
const date: FieldMapping = { type: 'date' };
const text: FieldMapping = { type: 'text' };
const name: FieldMapping = { type: 'text', fields: { keyword } };
/** Stored in the document, never looked into. */
const opaque: FieldMapping = { type: 'object', enabled: false };

const person: FieldMapping = { properties: { type: keyword, id: keyword, name, login: keyword } };

/**
 * The fields of the default document, for an index that this connector creates. Needs no analyzer but the standard one.
 * Further members (an own mapping's, an ingest pipeline's) are mapped by Elasticsearch as they come.
 */
export const indexMappings: Readonly<Record<string, FieldMapping>> = {
  id: keyword,
  _timestamp: date,
  type: keyword,
  name,
  size: { type: 'long' },
  sequence_id: keyword,
  etag: keyword,
  created_at: date,
  modified_at: date,
  content_created_at: date,
  content_modified_at: date,
  description: text,
  item_status: keyword,
  created_by: person,
  modified_by: person,
  owned_by: person,
  parent: { properties: { type: keyword, id: keyword, sequence_id: keyword, etag: keyword, name } },
  path: { ...keyword, fields: { text } },
  ancestors: keyword,
  url: keyword,
  extension: keyword,
  sha1: keyword,
  file_version: { properties: { type: keyword, id: keyword, sha1: keyword } },
  shared_link: {
    properties: {
      url: keyword,
      download_url: keyword,
      vanity_url: keyword,
      vanity_name: keyword,
      access: keyword,
      effective_access: keyword,
      effective_permission: keyword,
      unshared_at: date,
      is_password_enabled: { type: 'boolean' },
    },
  },
  tags: keyword,
  classification: { properties: { name: keyword, definition: text, color: keyword } },
  body: text,
  _sync: opaque,
  // The ingest pipeline takes the raw content away; should one not do so, it must not be analyzed as text.
  _attachment: opaque,
};
