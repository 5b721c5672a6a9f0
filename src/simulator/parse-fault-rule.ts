import type { FaultRule } from './faults.js';

const kinds = ['answer', 'reset', 'cut', 'stall', 'drip', 'html', 'broken-json', 'delay'];

/** Reads a rule from JSON: `{"match": {"route": "content"}, "answer": {"kind": "cut"}}`. Errors: `TypeError`. */
export function parseFaultRule(value: object): FaultRule {
  if (!isRule(value)) {
    throw new TypeError(
      `Cannot read the fault rule ${JSON.stringify(value)}: expected {"match": {...}, "answer": {"kind": ...}} with one ` +
        `of the kinds ${kinds.join(', ')}`,
    );
  }
  return value;
}

function isRule(value: object): value is FaultRule {
  const { match, answer }: { match?: unknown; answer?: unknown } = value;
  if (typeof match !== 'object' || match === null || typeof answer !== 'object' || answer === null) return false;
  const { kind, status, ms }: { kind?: unknown; status?: unknown; ms?: unknown } = answer;
  if (typeof kind !== 'string' || !kinds.includes(kind)) return false;
  if (kind === 'answer' && typeof status !== 'number') return false;
  return kind !== 'delay' || typeof ms === 'number';
}
