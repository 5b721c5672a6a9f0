import type { Extractor } from './extractor.js';

/** No text: for metadata alone. Nothing is read. */
export const noText: Extractor = {
  fingerprint: 'none',
  extract: () => Promise.resolve({ members: '' }),
};
