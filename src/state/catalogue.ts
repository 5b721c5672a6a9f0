import type { DocumentVersion } from '../core/outcome.js';

export type ItemType = 'file' | 'folder' | 'web_link';

/** What the catalogue remembers of one item. */
export interface KnownItem {
  readonly type: ItemType;
  readonly id: string;
  readonly documentId: string;
  readonly parent: string;
  readonly owner: string;
  /** What the index holds; `null` if the index holds no document of it. */
  readonly version: DocumentVersion | null;
  /** Id of the rule that filtered it and signature it was judged by; `null` if it is indexed. */
  readonly filtered: { readonly rule: string; readonly signature: string } | null;
  /** Fingerprint of the sync rules that this was decided under. */
  readonly rules: string;
  /** The run that saw it last. */
  readonly lastSeen: number;
}
