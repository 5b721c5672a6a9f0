import type { LoadedConfig } from '../config/load-config.js';
import type { CommandContext } from './command-context.js';

export function searchCommand(_l: LoadedConfig, _c: CommandContext, _o: { text: string; limit: number }): number {
  throw new Error('pending');
}
