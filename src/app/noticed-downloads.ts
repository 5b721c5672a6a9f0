import type { BoxApi } from '../box/box-api.js';
import { TransientError } from '../core/errors.js';

/** As many as of folders: see `Run`. */
const troubleAfter = 16;

/**
 * The same calls; `onTrouble` is told, with the last reason, each time that so many downloads in a row could not be had for
 * the moment: when everything is listed, nobody else sees that Box has gone.
 */
export function noticedDownloads(box: BoxApi, onTrouble: (reason: string) => void, after = troubleAfter): BoxApi {
  let failuresInARow = 0;
  return {
    ...box,
    async openContent(...args) {
      try {
        const content = await box.openContent(...args);
        failuresInARow = 0;
        return content;
      } catch (error) {
        if (error instanceof TransientError) {
          failuresInARow += 1;
          if (failuresInARow % after === 0) onTrouble(error.message);
        }
        throw error;
      }
    },
  };
}
