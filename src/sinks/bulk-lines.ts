import { assertNever } from '../core/assert-never.js';
import { documentText } from './document-text.js';
import type { Operation } from './operation.js';

export interface BulkLinesOptions {
  /** Further members of whole documents (`pipelineFlags`), or empty. */
  readonly flags?: string;
  /** Name of the index, where the request's URL does not give it. */
  readonly index?: string | undefined;
}

/** The lines of one operation in a `_bulk` body, each ended by a newline: the action, and the document unless it is a delete. */
export function bulkLines(operation: Operation, { flags = '', index }: BulkLinesOptions = {}): string {
  const target = index === undefined ? '' : `"_index":${JSON.stringify(index)},`;
  const id = JSON.stringify(operation.id);
  switch (operation.kind) {
    case 'index':
      return `{"index":{${target}"_id":${id}}}\n${documentText(operation, flags)}\n`;
    case 'update':
      return `{"update":{${target}"_id":${id},"retry_on_conflict":3}}\n{"doc":${documentText(operation)}}\n`;
    case 'delete':
      return `{"delete":{${target}"_id":${id}}}\n`;
    default:
      return assertNever(operation);
  }
}

const actionWithDocument =
  /^\{"(?:index|update)":\{(?:"_index":"(?:[^"\\]|\\.)*",)?"_id":"(?:[^"\\]|\\.)*"(?:,"retry_on_conflict":3)?\}\}$/;

/** Whether a line that `bulkLines` made is an action that a document has to follow. */
export function isActionWithDocument(line: string): boolean {
  return actionWithDocument.test(line);
}
