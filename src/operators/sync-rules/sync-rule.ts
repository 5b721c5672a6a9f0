export type RulePolicy = 'include' | 'exclude';

export const ruleOperators = ['equals', 'contains', 'starts_with', 'ends_with', 'regex', '>', '<'] as const;

export type RuleOperator = (typeof ruleOperators)[number];

/** One basic sync rule as Kibana shows it, checked and with its names in lower case. */
export interface SyncRule {
  readonly id: string;
  readonly order: number;
  readonly policy: RulePolicy;
  /** Top-level field of the document. */
  readonly field: string;
  readonly rule: RuleOperator;
  readonly value: string;
}
