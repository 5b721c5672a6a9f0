import type { OperatorFunction } from 'rxjs';
import type { Envelope } from '../core/envelope.js';
import { keep } from '../core/keep.js';
import { messageOf } from '../core/message-of.js';
import type { Gone } from '../sources/change.js';
import type { Compared } from './draft.js';
import type { SyncRules } from './sync-rules/sync-rules.js';

export interface ApplySyncRulesOptions {
  readonly rules: SyncRules;
}

/**
 * Basic sync rules on the document as it would be indexed: the first rule that matches decides; what none matches is
 * kept. An excluded item ends here as `filtered` (its document, if the index holds one, is deleted at the end of the
 * walk); an included one that is unchanged ends as `unchanged`; one over which the rules throw is rejected, and no other.
 * Holds nothing.
 */
export function applySyncRules<D extends object>({
  rules,
}: ApplySyncRulesOptions): OperatorFunction<Envelope<Compared<D> | Gone>, Envelope<Compared<D> | Gone>> {
  return keep((envelope) => {
    const compared = envelope.value;
    if (compared.kind === 'gone') return envelope;
    const { document, signature, wanted, difference } = compared;
    const decision = judge(rules, document);
    if (typeof decision === 'string') {
      envelope.settle({ kind: 'rejected', reason: decision, operation: 'map' });
      return undefined;
    }
    if (!decision.included) {
      envelope.settle({ kind: 'filtered', rule: decision.rule, signature });
      return undefined;
    }
    if (difference === 'none') {
      envelope.settle({ kind: 'unchanged', version: { signature, content: wanted } });
      return undefined;
    }
    return envelope;
  });
}

/** What the rules decide, or why they do not. */
function judge(rules: SyncRules, document: object): ReturnType<SyncRules['decide']> | string {
  try {
    return rules.decide(document as Readonly<Record<string, unknown>>);
  } catch (error) {
    return `the sync rules cannot judge it: ${messageOf(error)}`;
  }
}
