import type { Outcome } from '../core/outcome.js';
import type { Operation } from './operation.js';

/** How an operation has ended that did what it should. */
export function written(operation: Operation): Outcome {
  if (operation.kind === 'delete') return { kind: 'deleted' };
  const { version, withoutContent } = operation;
  if (withoutContent === undefined) return { kind: 'written', version };
  const refusedContent = operation.kind === 'index' ? operation.refusedContent : undefined;
  return { kind: 'written', version, withoutContent, ...(refusedContent !== undefined && { refusedContent }) };
}
