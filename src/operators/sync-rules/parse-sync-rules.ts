import { RE2JSException } from 're2js';
import { pythonPattern } from './python-pattern.js';
import { ruleOperators, type RuleOperator, type RulePolicy, type SyncRule } from './sync-rule.js';
import { syncRules, type SyncRules } from './sync-rules.js';

/** What is wrong with rules, in the shape that Kibana reads from `filtering[].draft.validation.errors`. */
export interface SyncRulesProblem {
  readonly ids: readonly string[];
  readonly messages: readonly string[];
}

export type ParsedSyncRules = { readonly rules: SyncRules } | { readonly problems: readonly SyncRulesProblem[] };

/** Matches everything: Elastic refuses these two spellings, since the rule would make every later one idle. */
const matchAll = ['.*', '(.*)'];
/** A UUID is cut down to its ends in messages, as Elastic does. */
const longestIdShown = 10;

/**
 * Checks basic sync rules as they stand in the configuration or in a connector's document, and compiles them. All
 * problems are reported at once; the rules are usable only if there is none. `null` and `undefined` are no rules.
 *
 * Rules are put in order of `order` (equal ones stay as listed). A rule with the id DEFAULT is left out unseen, and so
 * has no effect, not even with the policy `exclude`: Elastic's connectors treat it so, and what no rule matches is
 * included. Keys beside the six of a rule (`created_at`, ...) are ignored.
 */
export function parseSyncRules(raw: unknown): ParsedSyncRules {
  if (raw === undefined || raw === null) return { rules: syncRules([]) };
  if (!Array.isArray(raw)) {
    return { problems: [{ ids: [], messages: [`Cannot read the sync rules: found ${shown(raw)}, expected a list`] }] };
  }
  const entries: readonly unknown[] = raw;
  const parsed = entries.filter((entry) => !isDefault(entry)).map((entry, position) => parseRule(entry, position));
  const rules = parsed.flatMap(({ rule }) => (rule === null ? [] : [rule]));
  const problems = [...parsed.flatMap((one) => one.problems), ...duplicates(rules)];
  if (problems.length > 0) return { problems };
  return { rules: syncRules(rules.toSorted((one, other) => one.order - other.order)) };
}

interface ParsedRule {
  /** `null` where something is missing; a rule with a wrong regular expression is still compared with the others. */
  readonly rule: SyncRule | null;
  readonly problems: readonly SyncRulesProblem[];
}

function parseRule(entry: unknown, position: number): ParsedRule {
  if (!isRecord(entry)) {
    return {
      rule: null,
      problems: [{ ids: [], messages: [`Basic rule ${position + 1}: found ${shown(entry)}, expected an object`] }],
    };
  }
  const id = text(entry, 'id');
  const order = member(entry, 'order');
  const field = text(entry, 'field');
  const value = text(entry, 'value');
  const policy = oneOf<RulePolicy>(entry, 'policy', ['include', 'exclude']);
  const operator = oneOf<RuleOperator>(entry, 'rule', ruleOperators);
  const isOrder = typeof order === 'number' && Number.isFinite(order);

  const name = ruleName(isOrder ? order : position, id);
  const faults = [
    ...(id === null ? [wrong(entry, 'id', 'a text that is not empty')] : []),
    ...(isOrder ? [] : [wrong(entry, 'order', 'a number')]),
    ...(policy === null ? [wrong(entry, 'policy', '"include" or "exclude"')] : []),
    ...(field === null ? [wrong(entry, 'field', 'a text that is not empty')] : []),
    ...(operator === null ? [wrong(entry, 'rule', `one of ${ruleOperators.map((one) => `"${one}"`).join(', ')}`)] : []),
    ...(value === null
      ? [wrong(entry, 'value', 'a text that is not empty (numbers and true or false in quotes)')]
      : []),
    ...(operator === 'regex' && value !== null ? regexFaults(value) : []),
  ];
  const problems = faults.map((fault) => ({ ids: id === null ? [] : [id], messages: [`${name} ${fault}`] }));
  const whole = id !== null && isOrder && policy !== null && field !== null && operator !== null && value !== null;
  return { rule: whole ? { id, order, policy, field, rule: operator, value } : null, problems };
}

function regexFaults(pattern: string): readonly string[] {
  if (matchAll.includes(pattern)) {
    return [`uses a match all regexps ['${matchAll.join("', '")}'], which are not allowed.`];
  }
  try {
    pythonPattern(pattern);
    return [];
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    const reason = error.message.replace('error parsing regexp: ', '');
    return [
      `has the regular expression ${shown(pattern)}, which cannot be used: ${reason}. Expected RE2 syntax: it runs in ` +
        'linear time and has no look-ahead, look-behind, back-references or atomic groups, and repeats at most 1000 times.',
    ];
  }
}

/** Two problems for each pair, so that Kibana marks both rules; the policies may differ. */
function duplicates(rules: readonly SyncRule[]): readonly SyncRulesProblem[] {
  const earlier = new Map<string, SyncRule[]>();
  const problems: SyncRulesProblem[] = [];
  for (const rule of rules) {
    const key = JSON.stringify([rule.field, rule.rule, rule.value]);
    const same = earlier.get(key) ?? [];
    for (const other of same) {
      problems.push(sameRule(rule, other), sameRule(other, rule));
    }
    earlier.set(key, [...same, rule]);
  }
  return problems;
}

function sameRule(rule: SyncRule, other: SyncRule): SyncRulesProblem {
  const message = `${ruleName(rule.order, rule.id)} is semantically equal to ${ruleName(other.order, other.id)}.`;
  return { ids: [rule.id], messages: [message] };
}

/** Kibana counts rules from 1. */
function ruleName(order: number, id: string | null): string {
  if (id === null) return `Basic rule ${order + 1}`;
  return `Basic rule ${order + 1} (id: '${id.length > longestIdShown ? `${id.slice(0, 5)}...${id.slice(-5)}` : id}')`;
}

function wrong(rule: Readonly<Record<string, unknown>>, key: string, expected: string): string {
  const value = member(rule, key);
  return `has ${value === undefined ? `no "${key}"` : `the ${key} ${shown(value)}`}, expected ${expected}.`;
}

function isDefault(entry: unknown): boolean {
  return isRecord(entry) && member(entry, 'id') === 'DEFAULT';
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function member(record: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function text(record: Readonly<Record<string, unknown>>, key: string): string | null {
  const value = member(record, key);
  return typeof value === 'string' && value !== '' ? value : null;
}

function oneOf<T extends string>(
  record: Readonly<Record<string, unknown>>,
  key: string,
  names: readonly T[],
): T | null {
  const value = member(record, key);
  if (typeof value !== 'string') return null;
  const name = value.toLowerCase();
  return names.find((one) => one === name) ?? null;
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  const whole = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return whole.length > 80 ? `${whole.slice(0, 77)}...` : whole;
}
