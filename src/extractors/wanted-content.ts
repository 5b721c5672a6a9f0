import type { BoxItem } from '../box/box-item.js';
import { fingerprint } from '../core/fingerprint.js';
import type { ContentGate } from './content-gate.js';
import type { Extractor } from './extractor.js';

/**
 * Which content the text of an item should be of, for `changedSince`: the file's version and the settings of gate and
 * extractor, so that a change of either leads to another extraction; `null` for what gets no text.
 */
export function wantedContent(
  gate: ContentGate,
  extractor: Extractor,
): (found: { readonly item: BoxItem }) => string | null {
  const settings = fingerprint(gate.fingerprint, extractor.fingerprint);
  return ({ item }) => {
    if (item.type !== 'file' || !gate.check(item).pass) return null;
    return `${item.file_version?.id ?? item.sha1 ?? item.etag ?? ''}~${settings}`;
  };
}
