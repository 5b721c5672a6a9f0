import type { BoxModel } from './box-model.js';
import { rootKey, type Item } from './item.js';
import { readableAccounts, sharedByUnreadable } from './truth.js';

const pageSize = 1000;

export function leastListingCalls(box: BoxModel): number {
  const readable = readableAccounts(box);
  const known = new Set(readable);
  const elsewhere = new Set<string>();
  let calls = 0;
  for (const account of readable) {
    calls += pages(box.countEntries(rootKey(account), account));
    calls += callsBelow(box, [...box.items.children(rootKey(account), 'folder')]);
    for (const item of sharedByUnreadable(box, account, known)) {
      if (item.type === 'folder') calls += callsBelow(box, [item], elsewhere);
    }
  }
  return calls;
}

function callsBelow(box: BoxModel, folders: Item[], once?: Set<string>): number {
  let calls = 0;
  for (let folder = folders.pop(); folder; folder = folders.pop()) {
    if (once?.has(folder.id)) continue;
    once?.add(folder.id);
    calls += pages(box.countEntries(folder.id, ''));
    if (box.items.count(folder.id, 'folder') > 0) {
      for (const child of box.items.children(folder.id, 'folder')) folders.push(child);
    }
  }
  return calls;
}

function pages(entries: number): number {
  return Math.max(1, Math.ceil(entries / pageSize));
}
