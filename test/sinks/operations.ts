import { type Observable, of } from 'rxjs';
import { Envelope } from '../../src/core/envelope.js';
import type { Outcome } from '../../src/core/outcome.js';
import type { DeleteOperation, IndexOperation, Operation, UpdateOperation } from '../../src/sinks/operation.js';

type Members = Readonly<Record<string, unknown>>;

export interface IndexParts {
  readonly body?: string;
  readonly content?: string;
  readonly withoutContent?: string;
}

/** Whole document of a file; `body` becomes its content. */
export function index(
  id: string,
  members: Members,
  { body, content, withoutContent }: IndexParts = {},
): IndexOperation {
  return {
    kind: 'index',
    id,
    source: JSON.stringify({ id, ...members }),
    content: content ?? (body === undefined ? '' : `"body":${JSON.stringify(body)}`),
    version: { signature: `s-${id}`, content: `c-${id}` },
    ...(withoutContent !== undefined && { withoutContent }),
  };
}

export function update(
  id: string,
  members: Members,
  whole: Observable<IndexOperation> = of(index(id, members, { body: 'made whole' })),
): UpdateOperation {
  return {
    kind: 'update',
    id,
    source: JSON.stringify({ id, ...members }),
    version: { signature: `u-${id}`, content: `c-${id}` },
    whole,
  };
}

export function remove(id: string): DeleteOperation {
  return { kind: 'delete', id };
}

/** Envelopes that note how they are settled; settling twice throws, as in the pipeline. */
export function enveloped(
  operations: readonly Operation[],
  settle: (outcome: Outcome) => void = () => {},
): Envelope<Operation>[] {
  return operations.map((operation) => Envelope.of(operation, settle));
}
