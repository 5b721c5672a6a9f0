import type { BoxModel } from './box-model.js';
import { demoCompany } from './demo-company.js';
import { edgeCases } from './edge-cases.js';
import type { TreeShape } from './tree-shape.js';

/** A tree: the computed shape, and what is put into it by hand. */
export interface Preset {
  readonly shape: TreeShape;
  /** Makes what the shape cannot describe; runs before the first request, without events. */
  readonly build?: (box: BoxModel) => void;
}

/** The trees that can be asked for by name. */
export const presets = {
  /** One account with nothing in it. */
  empty: { shape: {} },
  /** One account with one file. */
  'one-file': { shape: { filesInRoot: 1 } },
  /** A small company with texts that are worth searching. */
  demo: { shape: { users: 0 }, build: demoCompany },
  /** 200 folders of 100 files in one account. */
  bench: { shape: { foldersPerUser: 200, filesPerFolder: 100, textBytes: 2_000, extensions: ['txt'] } },
  /** 20,000 files of 200 users; a tenth of the folders is shared. */
  users: { shape: { users: 200, foldersPerUser: 10, depth: 2, filesPerFolder: 10, sharedShare: 0.1 } },
  /** One folder of 50,000 files. */
  'big-folder': { shape: { foldersPerUser: 1, filesPerFolder: 50_000 } },
  /** Folders 200 deep, one file in each. */
  chain: { shape: { foldersPerUser: 200, depth: 200, filesPerFolder: 1 } },
  /** 14,000 folders on three levels, one file in each. */
  'three-levels': { shape: { levels: [14, 27, 36], filesPerFolder: 1 } },
  /** 2,500 users with two folders of two files. */
  'many-users': { shape: { users: 2_500, foldersPerUser: 2, filesPerFolder: 2, sharedShare: 0.02 } },
  /** Names, sizes, ids and dates at the edge of what Box can send. */
  'edge-cases': { shape: { users: 0 }, build: edgeCases },
} satisfies Record<string, Preset>;

export type PresetName = keyof typeof presets;

/** The names, for help texts. */
export const presetNames: readonly string[] = Object.keys(presets);

/**
 * The preset of a name. `bench:FOLDERSxFILES` or `bench:FOLDERSxFILESxUSERS` is the benchmark's tree in another size,
 * such as `bench:840x24`. Errors: `TypeError` for an unknown name.
 */
export function presetNamed(name: string): Preset {
  if (isPresetName(name)) return presets[name];
  const sizes = /^bench:(\d+)x(\d+)(?:x(\d+))?$/.exec(name);
  if (!sizes) {
    throw new TypeError(
      `Cannot make the tree "${name}": expected one of ${presetNames.join(', ')}, bench:FOLDERSxFILES`,
    );
  }
  const [, folders, files, users = '1'] = sizes;
  const shape = { ...presets.bench.shape, foldersPerUser: Number(folders), filesPerFolder: Number(files) };
  return { shape: { ...shape, users: Number(users) } };
}

function isPresetName(name: string): name is PresetName {
  return Object.hasOwn(presets, name);
}
