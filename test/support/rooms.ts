import type { Room } from '../../src/extractors/extractor.js';

/** There is always room. */
export const endlessRoom: Room = { grow: () => Promise.resolve() };

/** There is always room, and each question is kept. */
export function recordingRoom(asked: number[]): Room {
  return {
    grow: (bytes) => {
      asked.push(bytes);
      return Promise.resolve();
    },
  };
}
