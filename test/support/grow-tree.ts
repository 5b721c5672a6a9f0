import type { FakeBox } from './fake-box.js';
import { seededRandom } from './seeded-random.js';

/** Adds folders in one another, and files and web links in them, at random places below the roots of `owners`. */
export function growTree(
  box: FakeBox,
  { folders, files, seed, owners = [] }: { folders: number; files: number; seed: number; owners?: readonly string[] },
): void {
  const random = seededRandom(seed);
  const pick = <T>(choices: readonly T[]) => choices[Math.floor(random() * choices.length)];
  const places: string[] = [];
  const add = (kind: 'folder' | 'file' | 'link') => {
    const parent = random() < 0.2 ? '0' : (pick(places) ?? '0');
    const owner = pick(owners);
    return box[kind](parent, parent === '0' && owner !== undefined ? { owner } : {});
  };
  for (let count = 0; count < folders; count += 1) places.push(add('folder'));
  for (let count = 0; count < files; count += 1) add(random() < 0.9 ? 'file' : 'link');
}
