import type { BoxModel } from './box-model.js';
import type { Role } from './collaborations.js';
import { enterpriseDate } from './enterprise-date.js';
import { rootOwner, type Item } from './item.js';
import { itemRenderer, type Scene } from './render-item.js';

const rootMini = '{"type":"folder","id":"0","sequence_id":null,"etag":null,"name":"All Files"}';
const trashMini = '{"type":"folder","id":"1","sequence_id":null,"etag":null,"name":"Trash"}';
const mini = itemRenderer('mini');
const trashDays = 30;
const shownChildren = 100;

/** What one viewer sees. To be made anew for every request: it remembers parents. */
export function sceneFor(box: BoxModel, viewer: string): Scene {
  const { access, people, items } = box;
  const parents = new Map<string, string>();
  const paths = new Map<string, string>();
  const owners = new Map<string, string>();

  const folderMini = (folder: Item): string => mini(folder, scene);

  function parentJson(item: Item): string {
    if (item.trashedAt !== null) return trashMini;
    if (rootOwner(item.parent) !== undefined) return rootMini;
    const parent = items.get('folder', item.parent);
    // Whoever was invited to the item itself does not see what it lies in.
    const isVisible = parent !== undefined && access.standing(viewer, parent).role !== undefined;
    return isVisible ? folderMini(parent) : rootMini;
  }

  function pathJson(item: Item): string {
    if (item.trashedAt !== null) return `{"total_count":1,"entries":[${trashMini}]}`;
    const above = access.path(viewer, item).map(folderMini);
    return `{"total_count":${above.length + 1},"entries":[${[rootMini, ...above].join(',')}]}`;
  }

  /** Siblings have the same; what was shared into a root by itself, and what is in the trash, has not. */
  function bySiblings(known: Map<string, string>, item: Item, make: (item: Item) => string): string {
    if (item.trashedAt !== null || ownerOf(item) !== viewer) return make(item);
    const before = known.get(item.parent);
    if (before !== undefined) return before;
    const json = make(item);
    known.set(item.parent, json);
    return json;
  }

  function ownerOf(item: Item): string {
    const known = owners.get(item.parent);
    if (known !== undefined) return known;
    const owner = access.ownerOf(item);
    owners.set(item.parent, owner);
    return owner;
  }

  const scene: Scene = {
    contents: box.contents,
    appUrl: 'https://app.box.com',
    person: (id) => people.miniJson(id),
    owner: ownerOf,
    parent: (item) => bySiblings(parents, item, parentJson),
    path: (item) => bySiblings(paths, item, pathJson),
    bytesBelow: (id) => items.bytesBelow(id),
    hasCollaborations: ({ type, id }) => box.collaborations.ofItem(type, id).length > 0,
    isExternal: (id) => people.user(id)?.kind === 'external',
    permissions: (item) => permissionsJson(item, access.standing(viewer, item).role),
    itemCollection(folder) {
      const children: Item[] = [];
      for (const segment of box.segments(folder.id, viewer)) {
        for (let index = 0; index < segment.length && children.length < shownChildren; index += 1) {
          const child = segment.at(index);
          if (child) children.push(child);
        }
      }
      const entries = children.map((child) => mini(child, scene)).join(',');
      const total = box.countEntries(folder.id, viewer);
      return `{"total_count":${total},"entries":[${entries}],"offset":0,"limit":${shownChildren}}`;
    },
    purgedAt: ({ trashedAt }) => enterpriseDate(Date.parse(trashedAt ?? '') + trashDays * 86_400_000),
  };
  return scene;
}

const downloading: ReadonlySet<Role> = new Set(['owner', 'co-owner', 'editor', 'viewer uploader', 'viewer']);
const changing: ReadonlySet<Role> = new Set(['owner', 'co-owner', 'editor']);

/** Whether a role allows to download files. */
export function mayDownload(role: Role): boolean {
  return downloading.has(role);
}

function permissionsJson(item: Item, role: Role | undefined): string {
  const reads = role !== undefined && role !== 'uploader';
  const downloads = role !== undefined && downloading.has(role);
  const changes = role !== undefined && changing.has(role);
  const owns = role === 'owner' || role === 'co-owner';
  const ofFiles = `"can_preview":${reads},"can_comment":${reads},"can_annotate":${changes},"can_view_annotations_all":${reads},"can_view_annotations_self":${reads},"can_apply_watermark":${owns},`;
  return (
    `{${item.type === 'file' ? ofFiles : ''}"can_download":${downloads},"can_upload":${changes},"can_rename":${changes},` +
    `"can_delete":${changes},"can_share":${changes},"can_set_share_access":${owns},"can_invite_collaborator":${changes}}`
  );
}
