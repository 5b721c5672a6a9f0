import type { BoxModel, ItemRef } from '../../../src/simulator/box-model.js';
import type { Change, Pick } from './plan.js';

/** Makes a change in Box, if what it needs is there. */
export function makeChange(box: BoxModel, change: Change): void {
  try {
    make(box, change);
  } catch (error) {
    // A folder into itself and the like: Box refuses that too.
    if (!(error instanceof TypeError)) throw error;
  }
}

function make(box: BoxModel, change: Change): void {
  switch (change.kind) {
    case 'rename':
      withItem(box, change.at, (item) => box.rename(item, change.name));
      return;
    case 'describe':
      withItem(box, change.at, (item) => box.setDescription(item, change.text));
      return;
    case 'version':
      withItem(box, change.at, (item) => item.type === 'file' && box.newVersion(item.id, change.text));
      return;
    case 'trash':
      withItem(box, change.at, (item) => box.trash(item));
      return;
    case 'purge':
      withItem(box, change.at, (item) => box.purge(item));
      return;
    case 'restore': {
      const item = pick(trashed(box), change.at);
      if (item !== undefined) box.restore(item);
      return;
    }
    case 'move':
      withItem(box, change.at, (item) => {
        const to = pick(places(box), change.to);
        if (to !== undefined) box.move(item, typeof to === 'string' ? { owner: to } : to.id);
      });
      return;
    case 'share':
      withItem(box, change.at, (item) => {
        const userId = pick([...active(box), box.serviceAccountId], change.to);
        if (userId !== undefined && item.type !== 'web_link') box.collaborate(item, { userId });
      });
      return;
    case 'unshare': {
      const shared = present(box).flatMap((item) => box.collaborations.ofItem(item.type, item.id));
      const collaboration = pick(shared, change.at);
      if (collaboration !== undefined) box.removeCollaboration(collaboration.id);
      return;
    }
    case 'dismiss': {
      // The first is the administrator, whom a personal account consists of.
      const [, ...others] = active(box);
      const user = pick(others, change.at);
      if (user !== undefined) box.deleteUser(user);
      return;
    }
    case 'upload':
    case 'folder':
    case 'link':
      create(box, change);
  }
}

function create(box: BoxModel, { kind, at, name }: Extract<Change, { kind: 'upload' | 'folder' | 'link' }>): void {
  const to = pick(places(box), at);
  if (to === undefined) return;
  const place = typeof to === 'string' ? { owner: to } : { folder: to.id };
  if (kind === 'upload') box.createFile({ name, content: `Text of ${name}`, ...place });
  else if (kind === 'link') box.createWebLink({ name, url: 'https://example.com/new', ...place });
  else box.createFile({ name: `in ${name}`, content: 'Below', folder: box.createFolder({ name, ...place }).id });
}

function withItem(box: BoxModel, at: Pick, work: (item: ItemRef) => unknown): void {
  const item = pick(present(box), at);
  if (item !== undefined) work(item);
}

/** What somebody sees, in an order that depends on nothing else. */
export function present(box: BoxModel): readonly ItemRef[] {
  return Array.from(box.truth(), ({ type, id }) => ({ type, id }));
}

export function active(box: BoxModel): readonly string[] {
  return [...box.people.managed()].filter(({ status }) => status === 'active').map(({ id }) => id);
}

/** Folders, and the roots of those who are walked (by the ids of their owners). */
function places(box: BoxModel): readonly (ItemRef | string)[] {
  return [...active(box), ...present(box).filter(({ type }) => type === 'folder')];
}

function trashed(box: BoxModel): readonly ItemRef[] {
  const owners = [...box.people.users()].map(({ id }) => id);
  return owners.flatMap((owner) => box.trashOf(owner)).filter((ref) => isPlaceThere(box, ref));
}

/** Whether all folders above an item are there, so that it can come back. */
function isPlaceThere(box: BoxModel, ref: ItemRef): boolean {
  const item = box.items.get(ref.type, ref.id);
  if (item === undefined || box.people.user(box.access.ownerOf(item)) === undefined) return false;
  return [...box.access.above(item)].every(({ trashedAt }) => trashedAt === null);
}

export function pick<T>(list: readonly T[], at: Pick): T | undefined {
  return list[Math.floor(at * list.length)];
}
