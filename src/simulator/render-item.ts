import type { Contents } from './content.js';
import { extensionOf, type Item, type ItemType, type SharedLink } from './item.js';
import { jsonText } from './json-text.js';

/** What the rendering of an item needs to know of the rest of Box, as one viewer sees it. */
export interface Scene {
  readonly contents: Contents;
  /** Where web links, shared links and pictures point. */
  readonly appUrl: string;
  person(userId: string): string;
  owner(item: Item): string;
  /** JSON of `parent`. */
  parent(item: Item): string;
  /** JSON of `path_collection`. */
  path(item: Item): string;
  bytesBelow(folderId: string): number;
  hasCollaborations(item: Item): boolean;
  isExternal(userId: string): boolean;
  /** JSON of `permissions`. */
  permissions(item: Item): string;
  /** JSON of a folder's `item_collection`. */
  itemCollection(folder: Item): string;
  purgedAt(item: Item): string;
}

/** Writes one field's JSON value, or `undefined` if the item has no such field. */
type Writer = (item: Item, scene: Scene) => string;

interface Column {
  readonly field: string;
  readonly prefix: string;
  readonly write: Writer;
}

/** Writes items of each type as JSON objects with a fixed set of fields. */
export type ItemRenderer = (item: Item, scene: Scene) => string;

export type Variant = 'mini' | 'standard';

const variants: Record<Variant, Record<ItemType, readonly string[]>> = {
  mini: {
    file: ['sequence_id', 'file_version', 'sha1', 'name'],
    folder: ['sequence_id', 'name'],
    web_link: ['sequence_id', 'name', 'url'],
  },
  standard: {
    file: (
      'sequence_id,sha1,name,description,size,file_version,path_collection,created_at,modified_at,trashed_at,' +
      'purged_at,content_created_at,content_modified_at,created_by,modified_by,owned_by,shared_link,parent,item_status'
    ).split(','),
    folder: (
      'sequence_id,name,created_at,modified_at,description,size,path_collection,created_by,modified_by,trashed_at,' +
      'purged_at,content_created_at,content_modified_at,owned_by,shared_link,folder_upload_email,parent,item_status,' +
      'item_collection'
    ).split(','),
    web_link: (
      'sequence_id,name,url,description,path_collection,created_at,modified_at,trashed_at,purged_at,created_by,' +
      'modified_by,owned_by,shared_link,parent,item_status'
    ).split(','),
  },
};

const text = (value: string | null): string => (value === null ? 'null' : `"${value}"`);
const constant =
  (json: string): Writer =>
  () =>
    json;

const common: Record<string, Writer> = {
  sequence_id: ({ etag }) => `"${etag}"`,
  name: ({ name }) => quoted(name),
  description: ({ description }) => (description === null ? 'null' : quoted(description)),
  created_at: ({ createdAt }) => text(createdAt),
  modified_at: ({ modifiedAt }) => text(modifiedAt),
  created_by: ({ createdBy }, scene) => scene.person(createdBy),
  modified_by: ({ modifiedBy }, scene) => scene.person(modifiedBy),
  owned_by: (item, scene) => scene.person(scene.owner(item)),
  parent: (item, scene) => scene.parent(item),
  path_collection: (item, scene) => scene.path(item),
  item_status: ({ trashedAt }) => (trashedAt === null ? '"active"' : '"trashed"'),
  trashed_at: ({ trashedAt }) => text(trashedAt),
  purged_at: (item, scene) => (item.trashedAt === null ? 'null' : `"${scene.purgedAt(item)}"`),
  shared_link: (item, scene) =>
    item.sharedLink === null || item.trashedAt !== null ? 'null' : sharedLinkJson(item, item.sharedLink, scene),
};

const filesAndFolders: Record<string, Writer> = {
  ...common,
  content_created_at: ({ contentCreatedAt }) => text(contentCreatedAt),
  content_modified_at: ({ contentModifiedAt }) => text(contentModifiedAt),
  tags: ({ tags }) => (tags.length === 0 ? '[]' : jsonText(tags)),
  classification: ({ classification }) => (classification === null ? 'null' : jsonText(classification)),
  permissions: (item, scene) => scene.permissions(item),
  has_collaborations: (item, scene) => String(scene.hasCollaborations(item)),
  is_externally_owned: (item, scene) => String(scene.isExternal(scene.owner(item))),
  is_accessible_via_shared_link: ({ sharedLink }) => String(sharedLink !== null),
  allowed_invitee_roles: constant('["editor","viewer","previewer","uploader","viewer uploader","co-owner"]'),
  is_associated_with_app_item: constant('false'),
  collections: constant('[]'),
  watermark_info: constant('{"is_watermarked":false}'),
};

const writers: Record<ItemType, Record<string, Writer>> = {
  file: {
    ...filesAndFolders,
    size: ({ version }, { contents }) => String(contents.size(version.content)),
    sha1: ({ version }, { contents }) => `"${contents.sha1(version.content)}"`,
    file_version: ({ version }, { contents }) =>
      `{"type":"file_version","id":"${version.id}","sha1":"${contents.sha1(version.content)}"}`,
    extension: ({ name }) => quoted(extensionOf(name)),
    version_number: ({ earlier }) => `"${earlier.length + 1}"`,
    comment_count: constant('0'),
    lock: constant('null'),
    is_package: constant('false'),
    expires_at: constant('null'),
    disposition_at: constant('null'),
    uploader_display_name: ({ createdBy }, scene) => jsonName(scene.person(createdBy)),
    shared_link_permission_options: constant('["can_preview","can_download","can_edit"]'),
  },
  folder: {
    ...filesAndFolders,
    size: ({ id }, scene) => sizeOfFolder(scene.bytesBelow(id)),
    folder_upload_email: constant('null'),
    item_collection: (item, scene) => scene.itemCollection(item),
    sync_state: constant('"not_synced"'),
    can_non_owners_invite: constant('true'),
    can_non_owners_view_collaborators: constant('true'),
    is_collaboration_restricted_to_enterprise: constant('false'),
    allowed_shared_link_access_levels: constant('["collaborators","open","company"]'),
  },
  web_link: {
    ...common,
    url: ({ url }) => quoted(url),
  },
};

/**
 * A renderer for a `fields` parameter: what it names and `type`, `id`, `etag`, whichever the type has. Without `fields`
 * it is the variant.
 */
export function itemRenderer(fields: readonly string[] | Variant): ItemRenderer {
  const columns = {
    file: columnsOf('file', fields),
    folder: columnsOf('folder', fields),
    web_link: columnsOf('web_link', fields),
  };
  return (item, scene) => {
    if (item.odd !== undefined) return renderOdd(item, item.odd, columns[item.type], scene);
    let json = `{"type":"${item.type}","id":"${item.id}","etag":"${item.etag}"`;
    for (const column of columns[item.type]) json += column.prefix + column.write(item, scene);
    return json + '}';
  };
}

function columnsOf(type: ItemType, fields: readonly string[] | Variant): readonly Column[] {
  const wanted = typeof fields === 'string' ? variants[fields][type] : [...new Set(fields)];
  return wanted.flatMap((field) => {
    const write = Object.hasOwn(writers[type], field) ? writers[type][field] : undefined;
    return write ? [{ field, prefix: `,"${field}":`, write }] : [];
  });
}

function renderOdd(
  item: Item,
  odd: ReadonlyMap<string, string | undefined>,
  columns: readonly Column[],
  scene: Scene,
): string {
  const members = [`"type":"${item.type}"`];
  const add = (field: string, truth: () => string): void => {
    const value = odd.has(field) ? odd.get(field) : truth();
    if (value !== undefined) members.push(`"${field}":${value}`);
  };
  add('id', () => `"${item.id}"`);
  add('etag', () => `"${item.etag}"`);
  for (const { field, write } of columns) add(field, () => write(item, scene));
  return `{${members.join(',')}}`;
}

const plain = /^[ !#-.0-[\]-~]*$/;

/** Computed names need no escaping, and seeing that is cheaper than escaping them. */
function quoted(value: string): string {
  return plain.test(value) ? `"${value}"` : jsonText(value);
}

function jsonName(person: string): string {
  return /"name":("(?:[^"\\]|\\.)*")/.exec(person)?.[1] ?? '""';
}

/** Box writes large sizes of folders like `1.0034576983313e+14`. */
function sizeOfFolder(bytes: number): string {
  if (bytes < 1e13) return String(bytes);
  const [digits = '', exponent = ''] = bytes.toExponential(13).split('e');
  return `${digits.replace(/0+$/, '0')}e${exponent}`;
}

function sharedLinkJson(item: Item, link: SharedLink, { appUrl }: Scene): string {
  const open = link.effectiveAccess !== 'collaborators';
  return jsonText({
    url: `${appUrl}/s/${link.token}`,
    download_url: item.type === 'file' ? `${appUrl}/shared/static/${link.token}.${extensionOf(item.name)}` : null,
    vanity_url: null,
    vanity_name: null,
    effective_access: link.effectiveAccess,
    effective_permission: 'can_download',
    is_password_enabled: link.password !== null,
    unshared_at: link.unsharedAt,
    download_count: 0,
    preview_count: 0,
    access: link.access,
    permissions: { can_preview: open, can_download: open, can_edit: false },
  });
}
