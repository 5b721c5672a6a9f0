import type { TokenStore } from '../box/token-store.js';
import type { Absence } from './absence.js';
import type { Census } from './census.js';
import type { Catalogue } from './catalogue.js';
import type { ContentTries } from './content-tries.js';
import type { DeadLetters } from './dead-letters.js';
import type { Frontier } from './frontier.js';
import type { Runs } from './runs.js';

/** The port to everything that outlives a process. One store belongs to one connector. */
export interface Store {
  readonly catalogue: Catalogue;
  readonly frontier: Frontier;
  readonly absence: Absence;
  readonly census: Census;
  readonly runs: Runs;
  readonly deadLetters: DeadLetters;
  readonly contentTries: ContentTries;
  readonly tokens: TokenStore;
  /** Small facts about the state itself, for example which index it describes. */
  readonly facts: Facts;
  /** Everything that `work` writes is kept, or nothing of it. */
  transaction(work: () => void): void;
  /** Writes all that is kept now into a new file. */
  copyTo(path: string): void;
  close(): void;
}

export interface Facts {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
}
