import { seededRandom } from './seeded-random.js';

/** Chance that is always the same for a seed. */
export interface Dice {
  /** From 0 to below 1. */
  share(): number;
  /** A whole number, both ends included. */
  between(least: number, most: number): number;
  chance(share: number): boolean;
  oneOf<T>(values: readonly T[]): T;
}

export function diceOf(seed: number): Dice {
  const random = seededRandom(seed);
  return {
    share: random,
    between: (least, most) => least + Math.floor(random() * (most - least + 1)),
    chance: (share) => random() < share,
    oneOf: <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T,
  };
}
