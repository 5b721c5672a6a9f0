import type { Room } from '../../src/extractors/extractor.js';

/** There is always room. */
export const endlessRoom: Room = { grow: () => Promise.resolve() };
