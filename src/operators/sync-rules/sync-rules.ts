import { createHash } from 'node:crypto';
import { ruleCondition } from './rule-condition.js';
import type { SyncRule } from './sync-rule.js';

export type RuleDecision = { readonly included: true } | { readonly included: false; readonly rule: string };

/** A set of basic sync rules, ready to judge documents. Pure: it remembers nothing of them. */
export interface SyncRules {
  /** Changes whenever a verdict could change: other rules, another order, another engine. 16 characters. */
  readonly fingerprint: string;
  /** The first rule that matches decides; a document that none matches is included. Never throws. */
  decide(document: Readonly<Record<string, unknown>>): RuleDecision;
  /**
   * The rule by which everything below a folder is excluded, whatever it is, so that the folder need not be listed; else
   * `null`. That is an `exclude` rule with `starts_with` on `path` without an `include` rule before it. `folderPath` is
   * as documents have it, `/A/B`, and empty for the root.
   */
  prunes(folderPath: string): string | null;
}

/** Part of the fingerprint: raise it when the same rules would judge otherwise than before. */
const engine = 1;

const included: RuleDecision = { included: true };

/**
 * Compiles rules, which are taken in the order given. A rule called DEFAULT has to be left out: Elastic ignores it,
 * whatever its policy. Throws RE2's error for a regular expression that it cannot run (`parseSyncRules` checks first).
 */
export function syncRules(rules: readonly SyncRule[]): SyncRules {
  const fingerprint = fingerprintOf(rules);
  const judges = rules.map((rule) => ({ matches: ruleCondition(rule), decision: decisionOf(rule) }));
  const pruning = pruningRules(rules);
  return {
    fingerprint,
    decide: (document) => {
      for (const { matches, decision } of judges) {
        if (matches(document)) return decision;
      }
      return included;
    },
    prunes: (folderPath) => {
      if (pruning.length === 0) return null;
      const below = `${folderPath}/`;
      return pruning.find((rule) => below.startsWith(rule.value))?.id ?? null;
    },
  };
}

function decisionOf(rule: SyncRule): RuleDecision {
  return rule.policy === 'include' ? included : { included: false, rule: rule.id };
}

function pruningRules(rules: readonly SyncRule[]): readonly SyncRule[] {
  const firstInclude = rules.findIndex((rule) => rule.policy === 'include');
  const before = firstInclude === -1 ? rules : rules.slice(0, firstInclude);
  return before.filter((rule) => rule.field === 'path' && rule.rule === 'starts_with');
}

function fingerprintOf(rules: readonly SyncRule[]): string {
  const parts = rules.map(({ id, policy, field, rule, value }) => [id, policy, field, rule, value]);
  return createHash('sha1')
    .update(JSON.stringify([engine, parts]))
    .digest('hex')
    .slice(0, 16);
}
