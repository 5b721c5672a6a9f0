import { accounts, serviceAccount } from './accounts.js';
import { BoxModel } from './box-model.js';
import { computedTree } from './computed-tree.js';
import { contents } from './content.js';
import { People } from './people.js';
import type { Preset } from './presets.js';
import { seeded } from './seeded.js';
import type { Settings } from './settings.js';
import type { Role } from './collaborations.js';

interface Options {
  readonly settings: Settings;
  readonly now: () => number;
  /** `null`: a personal account. */
  readonly enterpriseId: string | null;
}

const grantedRoles: readonly Role[] = ['editor', 'viewer', 'viewer uploader', 'co-owner'];

/** Sets up users, computed tree and shares of a preset. */
export function buildBox({ shape, build }: Preset, { settings, now, enterpriseId }: Options): BoxModel {
  const { seed = 1, textBytes = [200, 2_000] } = shape;
  const people = new People();
  const users = accounts(shape.users ?? 1, seed);
  for (const user of [...users, serviceAccount]) people.putUser(user);
  const texts = contents(seed, textBytes);
  const owners = users.map(({ id }) => id);
  const tree = computedTree(shape, owners, texts);
  const box = new BoxModel({
    people,
    tree,
    contents: texts,
    settings,
    now,
    serviceAccountId: serviceAccount.id,
    enterpriseId,
  });
  box.quietly(() => {
    shareSome(box, shape.sharedShare ?? 0, seed);
    build?.(box);
  });
  return box;
}

/** Shares a part of the folders with one to three other users each. */
function shareSome(box: BoxModel, share: number, seed: number): void {
  const { owners, foldersPerUser } = box.tree;
  if (share === 0 || owners.length < 2) return;
  owners.forEach((_, user) => {
    for (let index = 0; index < foldersPerUser; index += 1) {
      const number = user * foldersPerUser + index;
      const hash = seeded(seed + 8, number);
      if (hash >= share * 2 ** 32) continue;
      const folder = box.tree.folder(user, index);
      const others = new Set<number>();
      for (let guest = 0; guest <= hash % 3; guest += 1) {
        others.add((user + 1 + (seeded(seed + 9 + guest, number) % (owners.length - 1))) % owners.length);
      }
      for (const other of others) {
        const userId = owners[other];
        const role = grantedRoles[(hash >>> 3) % grantedRoles.length];
        if (userId !== undefined && role) box.collaborate(folder, { userId, role });
      }
    }
  });
}
