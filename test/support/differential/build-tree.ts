import type { BoxModel } from '../../../src/simulator/box-model.js';
import { diceOf } from '../dice.js';
import { oddNames, type Setup } from './plan.js';

/**
 * Fills a Box: users of every kind (active, inactive, of another enterprise, the service account) who own folders of odd
 * names, one of them wide and some empty, and have shared some with one another and with a group.
 */
export function buildTree(box: BoxModel, setup: Setup): void {
  const dice = diceOf(setup.seed + 1_000_003);
  const active = Array.from({ length: setup.users }, (_, at) => {
    const role = at === 0 ? 'admin' : 'user';
    return box.createUser({ id: `${20_200_000_001 + at}`, name: `User ${at}`, role }).id;
  });
  const inactive = box.createUser({ id: '20300000001', name: 'Gone Home', status: 'inactive' }).id;
  const external = box.createUser({ id: '20400000001', name: 'Else Where', kind: 'external' }).id;
  const group = box.createGroup({ name: 'All of us' }).id;
  for (const id of active) if (dice.chance(0.7)) box.addMember(group, id);

  const owners = setup.account === 'free' ? active : [...active, ...active, box.serviceAccountId, inactive, external];
  // As small as Elastic's, so that one number may name a file and a folder.
  const numbered = { file: 0, folder: 0, web_link: 0 };
  const idOf = (type: 'file' | 'folder' | 'web_link') => {
    if (!setup.namedIds) return {};
    numbered[type] += 1;
    return { id: dice.chance(0.7) ? `${type}_number_${numbered[type]}` : `number_${numbered[type]}` };
  };
  const name = () => `${dice.oneOf(oddNames)} ${dice.between(0, 999)}`;
  const folders: string[] = [];
  const place = () => {
    const folder = dice.chance(0.75) && folders.length > 0 ? dice.oneOf(folders) : undefined;
    return folder === undefined ? { owner: dice.oneOf(owners) } : { folder };
  };
  for (let count = 0; count < setup.folders; count += 1) {
    folders.push(box.createFolder({ name: name(), ...idOf('folder'), ...place() }).id);
  }
  for (let count = 0; count < setup.files; count += 1) {
    const suffix = dice.oneOf(['.txt', '.txt', '.tmp', '.png', '']);
    box.createFile({ name: `${name()}${suffix}`, content: `Text ${count}`, ...idOf('file'), ...place() });
  }
  const wide = dice.oneOf(folders);
  for (let count = 0; count < setup.wide; count += 1) {
    box.createFile({ name: `wide ${count}.txt`, content: `Wide ${count}`, folder: wide, ...idOf('file') });
  }
  box.createWebLink({ name: name(), url: 'https://example.com/', ...place() });
  const viewers = setup.account === 'free' ? active : [...active, box.serviceAccountId];
  for (let count = 0; count < setup.shares; count += 1) {
    const item = box.folder(dice.oneOf(folders));
    box.collaborate(item, dice.chance(0.3) ? { groupId: group } : { userId: dice.oneOf(viewers) });
  }
  if (setup.account === 'free') {
    // What others have shared with the one person.
    const theirs = box.createFolder({ name: name(), owner: external });
    box.createFile({ name: name(), content: 'Theirs', folder: theirs.id });
    if (setup.shares > 0) box.collaborate(theirs, { userId: dice.oneOf(active) });
  }
}
