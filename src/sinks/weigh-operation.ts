import type { Envelope } from '../core/envelope.js';
import type { Operation } from './operation.js';

/** About the bytes of its lines in a bulk request: what `batch` is to weigh with. */
export function weighOperation({ value }: Envelope<Operation>): number {
  return value.kind === 'delete' ? 60 : value.source.length + (value.kind === 'index' ? value.content.length : 0) + 160;
}
