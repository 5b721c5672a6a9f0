import type { Room } from './extractor.js';

/** The first step. */
const smallest = 65_536;

/**
 * `room`, asked for in doubling steps above the `own` bytes that are there already: many small parts do not mean many
 * questions, and never is more than twice asked for of what is needed.
 */
export function growingRoom(room: Room, own: number): Room {
  let granted = own;
  return {
    grow: async (bytes) => {
      if (bytes <= granted) return;
      const step = Math.max(smallest, (granted - own) * 2);
      granted = Math.max(bytes, own + step);
      await room.grow(granted);
    },
  };
}
