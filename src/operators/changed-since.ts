import type { OperatorFunction } from 'rxjs';
import type { Envelope } from '../core/envelope.js';
import { keep } from '../core/keep.js';
import type { DocumentVersion } from '../core/outcome.js';
import type { Found, Gone } from '../sources/change.js';
import type { Compared, Difference, Draft } from './draft.js';
import { messageOf } from '../core/message-of.js';

export interface ChangedSinceOptions<D extends object> {
  /** Hash of a JSON text, as text; need not be cryptographic. */
  readonly hash: (text: string) => string;
  /**
   * Which content a file's text should be of: file version and a fingerprint of gate and extraction. `null` for what
   * gets no text.
   */
  readonly wantedContent: (found: Found) => string | null;
  /** What of the document counts as its metadata; the whole document unless told otherwise. */
  readonly signed?: (document: D, found: Found) => object;
  /** Fingerprint of the sync rules in force. */
  readonly rules: string;
  /** Nothing is unchanged: everything is done again. */
  readonly rewrite?: boolean;
}

/**
 * The incremental cursor: compares each document with what the catalogue knows, and tells apart what is unchanged
 * (ended here, nothing is sent), what differs in its metadata (a partial update) and what has new content or is new.
 *
 * An item that was decided under other sync rules passes on even if unchanged, so that the rules judge it again. A
 * document that is no JSON, or over which one of the options throws, is rejected, and no other. Holds nothing.
 */
export function changedSince<D extends object>({
  hash,
  wantedContent,
  signed,
  rules,
  rewrite = false,
}: ChangedSinceOptions<D>): OperatorFunction<Envelope<Draft<D> | Gone>, Envelope<Compared<D> | Gone>> {
  return keep((envelope): Envelope<Compared<D> | Gone> | undefined => {
    const draft = envelope.value;
    if (draft.kind === 'gone') return envelope.with(draft);
    const { found, document } = draft;
    const source = jsonOf(document);
    if (typeof source !== 'string') {
      envelope.settle({ kind: 'rejected', reason: source.problem, operation: 'map' });
      return undefined;
    }
    const told = tell(() => {
      const counted = signed?.(document, found) ?? document;
      const signature = hash(counted === document ? source : JSON.stringify(counted));
      return { signature, wanted: wantedContent(found) };
    });
    if ('problem' in told) {
      envelope.settle({ kind: 'rejected', reason: told.problem, operation: 'map' });
      return undefined;
    }
    const { signature, wanted } = told;
    const known = rewrite ? undefined : found.known;
    const sameRules = known !== undefined && known.rules === rules;
    if (sameRules && known.filtered !== null && known.filtered.signature === signature) {
      envelope.settle({ kind: 'filtered', rule: known.filtered.rule, signature });
      return undefined;
    }
    const difference = compare(known?.version ?? null, signature, wanted);
    if (difference === 'none' && sameRules && known.filtered === null) {
      envelope.settle({ kind: 'unchanged', version: { signature, content: wanted } });
      return undefined;
    }
    return envelope.with({ kind: 'compared', found, document, source, signature, wanted, difference });
  });
}

function tell<T extends object>(work: () => T): T | { readonly problem: string } {
  try {
    return work();
  } catch (error) {
    return { problem: `what has changed of it cannot be told: ${messageOf(error)}` };
  }
}

function jsonOf(document: object): string | { readonly problem: string } {
  try {
    const json = JSON.stringify(document) as string | undefined;
    return json ?? { problem: 'the document has no JSON, expected an object' };
  } catch (error) {
    return { problem: `the document has no JSON: ${messageOf(error)}` };
  }
}

function compare(version: DocumentVersion | null, signature: string, wanted: string | null): Difference {
  if (version === null || version.content !== wanted) return 'whole';
  return version.signature === signature ? 'none' : 'metadata';
}
