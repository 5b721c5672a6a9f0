import { type Dice, diceOf } from '../dice.js';

/** Which item, by where it stands in the list of those that there are: a share from 0 to below 1. */
export type Pick = number;

/** One change in Box. What it picks is decided when it is made, so that it stays possible when others are left out. */
export type Change =
  | { readonly kind: 'rename'; readonly at: Pick; readonly name: string }
  /** In a folder or a root. */
  | { readonly kind: 'upload' | 'folder' | 'link'; readonly at: Pick; readonly name: string }
  | { readonly kind: 'describe' | 'version'; readonly at: Pick; readonly text: string }
  | { readonly kind: 'trash' | 'restore' | 'purge' | 'unshare' | 'dismiss'; readonly at: Pick }
  | { readonly kind: 'move' | 'share'; readonly at: Pick; readonly to: Pick };

/** What happens when the program makes its n-th call to Box. */
export interface Incident {
  readonly call: number;
  readonly what: Change | 'SIGTERM' | 'SIGKILL';
}

export type Step =
  | { readonly kind: 'change'; readonly change: Change }
  /** One run, in whatever way it ends. */
  | {
      readonly kind: 'run';
      readonly args: readonly string[];
      /** 0: no limit. */
      readonly maxCalls: number;
      readonly incidents: readonly Incident[];
    }
  /** Runs with nothing in their way, until all is done: then the index must be Box. */
  | { readonly kind: 'settle'; readonly args: readonly string[] }
  | { readonly kind: 'lose-state' | 'keep-state' | 'restore-state' }
  | { readonly kind: 'lose-documents'; readonly share: number }
  | { readonly kind: 'scope'; readonly scope: PlannedScope }
  | { readonly kind: 'rules'; readonly rules: readonly PlannedRule[] };

/** What is walked; folders and users are picked when it is set. */
export interface PlannedScope {
  readonly folders: readonly Pick[];
  readonly exclude: readonly Pick[];
}

export interface PlannedRule {
  readonly policy: 'include' | 'exclude';
  readonly field: 'extension' | 'path' | 'name';
  readonly rule: 'equals' | 'starts_with' | 'contains';
  /** For `path`, picks the folder whose path is meant. */
  readonly value: string | Pick;
}

/** The Box that a plan begins with, and what the program is told. */
export interface Setup {
  readonly seed: number;
  readonly account: 'enterprise' | 'free';
  readonly users: number;
  readonly folders: number;
  readonly files: number;
  /** Files of the one folder that is wide. */
  readonly wide: number;
  readonly shares: number;
  readonly shortPages: number;
  readonly emptyPages: boolean;
  /** Ids as Elastic's simulated Box has them. */
  readonly namedIds: boolean;
  readonly withText: boolean;
  readonly rows: number;
  readonly bytes: number;
  readonly maxItems: number;
  readonly bulkConcurrency: number;
  readonly concurrency: number;
}

export interface Plan {
  readonly setup: Setup;
  readonly steps: readonly Step[];
}

export const oddNames: readonly string[] = [
  'report',
  'Ärger',
  'plan, final',
  '计划',
  'a"b\\c',
  'file_7',
  'folder_7',
  '100% & <b>',
  ' blank ',
  '..%2f..',
  '\u202ertl',
  'e\u0301',
  '\u{1f9ed}',
  '__proto__',
];

/** A random plan; everything in it comes from the seed. */
export function planOf(seed: number): Plan {
  const dice = diceOf(seed);
  const account = dice.chance(0.65) ? 'enterprise' : 'free';
  const maxItems = dice.between(1, 50);
  const setup: Setup = {
    seed,
    account,
    users: account === 'free' ? 1 : dice.between(1, 4),
    folders: dice.between(2, 14),
    files: dice.between(1, 30),
    wide: dice.oneOf([0, 0, 40]),
    shares: account === 'free' ? dice.between(0, 2) : dice.between(0, 5),
    shortPages: dice.oneOf([0, 0, 2, 7]),
    emptyPages: dice.chance(0.2),
    namedIds: dice.chance(0.25),
    withText: dice.chance(0.3),
    // No fewer rows than a request has documents.
    rows: Math.max(maxItems, dice.between(1, 100)),
    bytes: dice.between(1_024, 1_048_576),
    maxItems,
    bulkConcurrency: dice.between(1, 4),
    concurrency: dice.between(1, 16),
  };
  const steps: Step[] = [];
  if (dice.chance(0.3)) steps.push(rules(dice));
  if (dice.chance(0.3)) steps.push(scope(dice, account));
  for (let phases = dice.between(2, 4); phases > 0; phases -= 1) {
    steps.push({ kind: 'settle', args: argsOf(dice) });
    for (let count = dice.between(0, 2); count > 0; count -= 1) {
      changes(steps, dice);
      if (dice.chance(0.15)) steps.push({ kind: 'keep-state' });
      if (dice.chance(0.8)) steps.push(run(dice));
      if (dice.chance(0.15)) steps.push({ kind: dice.oneOf(['lose-state', 'restore-state'] as const) });
      if (dice.chance(0.15)) steps.push({ kind: 'lose-documents', share: dice.share() / 2 });
      if (dice.chance(0.1)) steps.push(rules(dice));
      if (dice.chance(0.15)) steps.push(scope(dice, account));
    }
    changes(steps, dice);
  }
  steps.push({ kind: 'settle', args: [] });
  return { setup, steps };
}

function changes(steps: Step[], dice: Dice): void {
  for (let count = dice.between(0, 5); count > 0; count -= 1) steps.push({ kind: 'change', change: changeOf(dice) });
}

function argsOf(dice: Dice): readonly string[] {
  return dice.oneOf([[], [], [], ['--full'], ['--full', '--rewrite']]);
}

function run(dice: Dice): Step {
  const incidents: Incident[] = [];
  const call = () => dice.between(1, 30);
  for (let count = dice.between(0, 3); count > 0; count -= 1) incidents.push({ call: call(), what: changeOf(dice) });
  if (dice.chance(0.5)) incidents.push({ call: call(), what: dice.oneOf(['SIGTERM', 'SIGKILL', 'SIGKILL'] as const) });
  return { kind: 'run', args: argsOf(dice), maxCalls: dice.chance(0.3) ? dice.between(1, 20) : 0, incidents };
}

function scope(dice: Dice, account: Setup['account']): Step {
  const picks = (count: number) => Array.from({ length: count }, () => dice.share());
  const byFolders = account === 'free' || dice.chance(0.6);
  return {
    kind: 'scope',
    scope: {
      folders: byFolders ? picks(dice.between(0, 2)) : [],
      exclude: byFolders ? [] : picks(dice.between(0, 2)),
    },
  };
}

function rules(dice: Dice): Step {
  const rule = (): PlannedRule => {
    switch (dice.between(0, 3)) {
      case 0:
        return {
          policy: dice.oneOf(['include', 'exclude'] as const),
          field: 'extension',
          rule: 'equals',
          value: 'tmp',
        };
      case 1:
        return { policy: 'exclude', field: 'name', rule: 'contains', value: dice.oneOf(oddNames) };
      default:
        return {
          policy: dice.oneOf(['include', 'exclude', 'exclude'] as const),
          field: 'path',
          rule: 'starts_with',
          value: dice.share(),
        };
    }
  };
  return { kind: 'rules', rules: Array.from({ length: dice.between(0, 2) }, rule) };
}

function changeOf(dice: Dice): Change {
  const name = `${dice.oneOf(oddNames)} ${dice.between(0, 1e6)}${dice.oneOf(['', '.txt', '.tmp'])}`;
  const at = dice.share();
  const to = dice.share();
  switch (dice.between(0, 15)) {
    case 0:
    case 1:
      return { kind: 'rename', at, name };
    case 2:
      return { kind: 'describe', at, text: `About ${name}` };
    case 3:
      return { kind: 'version', at, text: `New text of ${name}` };
    case 4:
    case 5:
      return { kind: 'trash', at };
    case 6:
      return { kind: 'restore', at };
    case 7:
      return { kind: 'purge', at };
    case 8:
    case 9:
    case 10:
      return { kind: 'move', at, to };
    case 11:
      return { kind: 'upload', at, name };
    case 12:
      return { kind: 'folder', at, name };
    case 13:
      return { kind: 'link', at, name };
    case 14:
      return { kind: 'share', at, to };
    default:
      return dice.chance(0.2) ? { kind: 'dismiss', at } : { kind: 'unshare', at };
  }
}
