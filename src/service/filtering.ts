import { parseSyncRules, type SyncRulesProblem } from '../operators/sync-rules/parse-sync-rules.js';
import { type Members, members } from './json-members.js';

/** The answer of a connector that knows basic rules only. */
const noAdvancedRules =
  'Advanced sync rules are not supported by the Box connector: remove the advanced snippet, and use basic rules.';

export interface CheckedDraft {
  readonly state: 'valid' | 'invalid';
  /** Empty where it is valid. */
  readonly problems: readonly SyncRulesProblem[];
  /** The whole of `filtering`, to be written in its place. */
  readonly filtering: readonly unknown[];
}

/**
 * Judges the draft of the sync rules if somebody has edited it: `invalid` with all errors, or `valid`, and then it is
 * the active set from now on. `null`: there is nothing to judge.
 */
export function checkDraft(filtering: readonly unknown[], now: Date): CheckedDraft | null {
  const position = defaultDomain(filtering);
  const domain = members.of(filtering[position]);
  const draft = members.of(domain['draft']);
  if (position === -1 || members.of(draft['validation'])['state'] !== 'edited') return null;
  const errors = problemsOf(draft);
  const state = errors.length === 0 ? 'valid' : 'invalid';
  const judged = { ...draft, validation: { state, errors } };
  const active = state === 'valid' ? activated(judged, now) : domain['active'];
  return { state, problems: errors, filtering: filtering.with(position, { ...domain, draft: judged, active }) };
}

/** The sync rules of a new connector: everything is let through. */
export function newFiltering(now: Date): readonly Members[] {
  const at = now.toISOString();
  const filter = {
    advanced_snippet: { created_at: at, updated_at: at, value: {} },
    rules: [letThrough(0, at)],
    validation: { errors: [], state: 'valid' },
  };
  return [{ active: filter, domain: 'DEFAULT', draft: filter }];
}

/** The whole of `filtering` with these basic rules as its edited draft, and the rule that lets the rest through behind them. */
export function withEditedDraft(
  filtering: readonly unknown[],
  rules: readonly unknown[],
  now: Date,
): readonly unknown[] {
  const at = now.toISOString();
  const own = rules.filter((rule) => members.of(rule)['id'] !== 'DEFAULT');
  const whole = defaultDomain(filtering) === -1 ? [...filtering, ...newFiltering(now)] : filtering;
  const position = defaultDomain(whole);
  const draft = {
    // Kibana's form for basic rules does not touch the snippet; this connector has none.
    advanced_snippet: { created_at: at, updated_at: at, value: {} },
    rules: [...own, letThrough(own.length, at)],
    validation: { errors: [], state: 'edited' },
  };
  return whole.with(position, { ...members.of(whole[position]), draft });
}

/** The draft of the sync rules, as it is. */
export function draftRules(filtering: readonly unknown[]): Members {
  return members.of(members.of(filtering[defaultDomain(filtering)])['draft']);
}

/** The basic rules that jobs go by. */
export function activeRules(filtering: readonly unknown[]): readonly unknown[] {
  return members.list(active(filtering)['rules']);
}

/** The active filtering as a job keeps it. */
export function activeFiltering(filtering: readonly unknown[]): Members {
  const found = active(filtering);
  return Object.keys(found).length === 0 ? { advanced_snippet: {}, rules: [] } : found;
}

/** What is wrong with the active rules, in one line; `null`: nothing. */
export function activeProblem(filtering: readonly unknown[]): string | null {
  const problems = problemsOf(active(filtering)).flatMap(({ messages }) => messages);
  return problems.length === 0 ? null : `The active sync rules cannot be used: ${problems.join('; ')}`;
}

function problemsOf(filter: Members): readonly SyncRulesProblem[] {
  const parsed = parseSyncRules(filter['rules']);
  const snippet = members.of(filter['advanced_snippet'])['value'];
  const isEmpty =
    snippet === undefined || snippet === null || (typeof snippet === 'object' && Object.keys(snippet).length === 0);
  return [
    ...('problems' in parsed ? parsed.problems : []),
    ...(isEmpty ? [] : [{ ids: ['advanced_snippet'], messages: [noAdvancedRules] }]),
  ];
}

function active(filtering: readonly unknown[]): Members {
  return members.of(members.of(filtering[defaultDomain(filtering)])['active']);
}

function activated(draft: Members, now: Date): Members {
  const at = now.toISOString();
  const snippet = members.of(draft['advanced_snippet']);
  return { ...draft, advanced_snippet: { ...snippet, value: snippet['value'] ?? {}, updated_at: at } };
}

/** What no other rule has decided. */
function letThrough(order: number, at: string): Members {
  return {
    created_at: at,
    field: '_',
    id: 'DEFAULT',
    order,
    policy: 'include',
    rule: 'regex',
    updated_at: at,
    value: '.*',
  };
}

function defaultDomain(filtering: readonly unknown[]): number {
  return filtering.findIndex((one) => members.of(one)['domain'] === 'DEFAULT');
}
