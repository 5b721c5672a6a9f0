import { Observable, type OperatorFunction, concat, defer, from, map, toArray } from 'rxjs';
import type { Envelope } from '../core/envelope.js';
import { PermanentError } from '../core/errors.js';
import { flatten, inOrder } from '../core/flatten.js';
import type { Settled } from '../core/settled.js';
import type { Sqlite } from '../state/sqlite-database.js';
import { fromSqlJson, toSqlJson } from '../state/sqlite-json.js';
import { documentText } from './document-text.js';
import { createLocalIndex } from './local-index-file.js';
import { isMembers, mergeDeep } from './merge-deep.js';
import type { Operation, UpdateOperation } from './operation.js';
import { wholeOf } from './whole-of.js';
import { written } from './written.js';
import { messageOf } from '../core/message-of.js';

export interface LocalIndexOptions {
  /** The file; made if it is missing. */
  readonly path: string;
}

/** Missing documents that are made whole at once. */
const replacing = 4;

/**
 * Writes into an embedded SQLite full-text index, for trying things out without a cluster; `searchLocalIndex` looks
 * into it. A batch is one transaction. Raw content (`_attachment`) that is UTF-8 text becomes `body`, other raw content
 * is dropped: nothing here reads PDF.
 *
 * A document that is no JSON object is `rejected`. A file that cannot be opened or written (disk full) is an error. The
 * file is open while subscribed to. Holds the batches that upstream lets through, which the ledger bounds.
 */
export function localIndex({ path }: LocalIndexOptions): OperatorFunction<readonly Envelope<Operation>[], Settled> {
  return (source) =>
    new Observable((subscriber) => {
      let writer: Writer;
      try {
        writer = new Writer(path);
      } catch (error) {
        subscriber.error(error);
        return;
      }
      subscriber.add(() => writer.close());
      subscriber.add(
        source
          .pipe(
            inOrder((batch) =>
              write(
                writer,
                batch.map((envelope) => ({ envelope, operation: envelope.value })),
              ),
            ),
          )
          .subscribe(subscriber),
      );
    });
}

interface Item {
  readonly envelope: Envelope<Operation>;
  readonly operation: Operation;
}

interface Missing {
  readonly envelope: Envelope<Operation>;
  readonly update: UpdateOperation;
}

/** Writes what can be written, then makes missing documents whole and writes them and what waits behind them. */
function write(writer: Writer, items: readonly Item[]): Observable<Settled> {
  return defer(() => {
    const { settled, missing, waiting } = writer.apply(items);
    if (missing.length === 0) return from(settled);
    const rest = from(missing).pipe(
      flatten(
        ({ envelope, update }) => wholeOf(update).pipe(map((operation): Item => ({ envelope, operation }))),
        replacing,
      ),
      toArray(),
      inOrder((whole) => write(writer, [...whole, ...waiting])),
    );
    return concat(from(settled), rest);
  });
}

class Writer {
  readonly #db: Sqlite;
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
    this.#db = createLocalIndex(path);
  }

  close(): void {
    this.#db.close();
  }

  /** Writes items in order, in one transaction; an item waits behind an update of its id whose document is missing. */
  apply(items: readonly Item[]): { settled: Settled[]; missing: Missing[]; waiting: Item[] } {
    const settled: Settled[] = [];
    const missing: Missing[] = [];
    const waiting: Item[] = [];
    const blocked = new Set<string>();
    const upsert = this.#db.prepare(`
      INSERT INTO doc (id, name, path, body, document) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET name = excluded.name, path = excluded.path, body = excluded.body,
        document = excluded.document`);
    const remove = this.#db.prepare('DELETE FROM doc WHERE id = ?');
    const select = this.#db.prepare('SELECT document, body FROM doc WHERE id = ?').raw(true);

    const put = (id: string, members: Readonly<Record<string, unknown>>, keptBody: string | undefined) => {
      const { _attachment: attachment, body = keptBody, ...document } = members;
      const text = typeof body === 'string' ? body : (textOf(attachment) ?? '');
      upsert.run(id, word(document['name']), word(document['path']), text, toSqlJson(document));
    };

    this.#db.exec('BEGIN IMMEDIATE');
    try {
      for (const { envelope, operation } of items) {
        const { id } = operation;
        if (blocked.has(id)) {
          waiting.push({ envelope, operation });
          continue;
        }
        if (operation.kind === 'delete') {
          remove.run(id);
        } else {
          const members = parse(documentText(operation));
          if (members === undefined) {
            const reason = 'its source is not a JSON object';
            settled.push({ envelope, outcome: { kind: 'rejected', reason, operation: operation.kind } });
            continue;
          }
          if (operation.kind === 'index') {
            put(id, members, undefined);
          } else {
            const [row] = select.all(id) as [string, string][];
            if (row === undefined) {
              blocked.add(id);
              missing.push({ envelope, update: operation });
              continue;
            }
            put(id, mergeDeep(kept(row[0]), members), row[1]);
          }
        }
        settled.push({ envelope, outcome: written(operation) });
      }
      this.#db.exec('COMMIT');
    } catch (error) {
      if (this.#db.inTransaction) this.#db.exec('ROLLBACK');
      const found = messageOf(error);
      throw new PermanentError(
        `Cannot write to the local index "${this.#path}": ${found}. Check that its disk has room and that no other process writes to it`,
        { cause: error },
      );
    }
    return { settled, missing, waiting };
  }
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isMembers(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The document that a row has. */
function kept(text: string): Readonly<Record<string, unknown>> {
  const document = fromSqlJson(text);
  return isMembers(document) ? document : {};
}

function word(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The text of base64 content that is UTF-8; `undefined` if it is something else. */
function textOf(attachment: unknown): string | undefined {
  if (typeof attachment !== 'string') return undefined;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(attachment, 'base64'));
    return text.includes('\0') ? undefined : text;
  } catch {
    return undefined;
  }
}
