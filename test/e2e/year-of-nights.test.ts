import { join } from 'node:path';
import { pino } from 'pino';
import * as assert from 'uvu/assert';
import { boxAccess } from '../../src/app/box-access.js';
import { Waits } from '../../src/core/waits.js';
import { localIndexTarget } from '../../src/app/local-index-target.js';
import { sync, type SyncResult } from '../../src/app/sync.js';
import { readLocalIndex } from '../../src/sinks/read-local-index.js';
import type { BoxModel } from '../../src/simulator/box-model.js';
import { startSimulator } from '../../src/simulator/simulator.js';
import { openSqlite } from '../../src/state/sqlite-database.js';
import { sqliteStore } from '../../src/state/sqlite-store.js';
import { loadTestConfig } from '../support/load-test-config.js';
import { suite } from '../support/suite.js';
import { inTemporaryFolder } from '../support/temporary-folder.js';
import { isLong } from '../support/sync-trial.js';

const nights = isLong ? 365 : 120;
const dayMs = 86_400_000;
const quiet = pino({ level: 'silent' });

/** Rows of every table of the state. */
function rowsOf(path: string): Record<string, number> {
  const db = openSqlite(path, { ifDamaged: '' });
  try {
    const names = db
      .prepare(`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`)
      .raw(true)
      .all() as [string][];
    return Object.fromEntries(
      names.map(([name]) => {
        const [[count] = [0]] = db.prepare(`SELECT count(*) FROM "${name}"`).raw(true).all() as [number][];
        return [name, count];
      }),
    );
  } finally {
    db.close();
  }
}

/** A folder with two files, in somebody's root. */
function furnish(box: BoxModel, owner: string, name: string): string {
  const { id } = box.createFolder({ name, owner });
  for (const file of ['a.txt', 'b.txt']) box.createFile({ name: file, content: name, folder: id });
  return id;
}

suite(
  'a year of nights',
  (test) => {
    test(`${nights} nights, in each a folder trashed before, one during the walk, and a user refused`, () =>
      inTemporaryFolder(async (folder) => {
        let now = Date.parse('2026-01-01T02:00:00Z');
        const startedAt = performance.now();
        const clock = {
          now: () => Math.round(now + performance.now() - startedAt),
          after: (ms: number, run: () => void) => {
            const timer = setTimeout(run, ms);
            return () => clearTimeout(timer);
          },
        };
        let onListing: (id: string) => void = () => {};
        const simulator = await startSimulator({
          tree: { users: 4 },
          now: () => clock.now(),
          onRequest: ({ route, id }) => {
            if (route === 'folders') onListing(id);
          },
        });
        const { box, credentials, faults } = simulator;
        const owners = box.tree.owners;
        const { config } = loadTestConfig({
          sink: 'local_index',
          box: {
            is_enterprise: 'box_enterprise',
            client_id: credentials.clientId,
            client_secret: credentials.clientSecret,
            enterprise_id: credentials.enterpriseId,
            base_url: simulator.url,
            calls_per_minute: 0,
          },
          extraction: { method: 'none' },
          bulk: { max_wait_ms: 1 },
        });
        const statePath = join(folder, 'state.sqlite');
        const indexPath = join(folder, 'index.sqlite');
        const store = sqliteStore(statePath);
        const standing: string[] = [];
        for (const owner of owners)
          for (let at = 0; at < 3; at += 1) standing.push(furnish(box, owner, `${owner} ${at}`));

        async function night(): Promise<SyncResult> {
          const target = localIndexTarget({ path: indexPath });
          const shared = { clock, waits: new Waits(clock), random: Math.random, log: quiet };
          const access = boxAccess({ ...shared, tokens: store.tokens, env: {}, version: '0' }, config);
          const never = new AbortController().signal;
          try {
            return await sync(
              { ...shared, store, access, target, stop: never, abort: never },
              { config, kind: 'incremental', rewrite: false, allowDeletes: false },
            );
          } finally {
            await access.close();
            await target.close();
          }
        }

        try {
          assert.is((await night()).state, 'complete');
          let rowsBefore: Record<string, number> = {};
          for (let number = 1; number <= nights; number += 1) {
            now += dayMs;
            // The second half of the year it is always the same one.
            const refused = owners[number <= nights / 2 ? number % owners.length : 0] ?? '';
            const ownerOf = (id: string) => box.access.ownerOf(box.folder(id));
            const before = standing.find((id) => ownerOf(id) !== refused) ?? '';
            const during = standing.find((id) => ownerOf(id) !== refused && id !== before) ?? '';
            for (const gone of [before, during]) {
              standing.splice(standing.indexOf(gone), 1);
              standing.push(furnish(box, ownerOf(gone), `night ${number} ${gone}`));
            }
            box.trash({ type: 'folder', id: before });
            onListing = (id) => {
              if (id === during && box.folder(during).trashedAt === null) box.trash({ type: 'folder', id: during });
            };
            faults.clear();
            const body = '{"type":"error","status":403,"code":"access_denied_insufficient_permissions"}';
            faults.add({ match: { asUser: refused }, answer: { kind: 'answer', status: 403, body } });
            const known = new Map(Array.from(readLocalIndex(indexPath), ({ id, document }) => [id, document]));

            const { state, report } = await night();
            const said = `night ${number}: ${JSON.stringify(report)}`;
            // One user could not be read, and nothing else.
            assert.is(state, 'incomplete', said);
            assert.equal(report.unread.map(({ id, type }) => ({ id, type })).length, 1, said);
            assert.is(report.listed, report.written + report.unchanged + report.filtered + report.rejected, said);

            // What can be decided is as it is in Box; of the one who was refused everything is as it was.
            const expected = new Set<string>();
            for (const { type, id, ownerId } of box.truth()) if (ownerId !== refused) expected.add(`${type} ${id}`);
            for (const [id, { type, owned_by: by }] of known) {
              if ((by as { id?: string } | null)?.id === refused) expected.add(`${String(type)} ${id}`);
            }
            const found = Array.from(
              readLocalIndex(indexPath),
              ({ id, document }) => `${String(document['type'])} ${id}`,
            );
            assert.equal(found.sort(), [...expected].sort(), said);

            // Nothing piles up but one line about each run.
            if (number === Math.floor(nights / 2)) rowsBefore = rowsOf(statePath);
          }
          const rows = rowsOf(statePath);
          console.log(`rows of the state after ${nights} nights: ${JSON.stringify(rows)}`);
          for (const [table, count] of Object.entries(rows)) {
            // A line about each run is kept.
            if (table === 'run') continue;
            const earlier = rowsBefore[table] ?? 0;
            assert.ok(count <= earlier * 1.2 + 20, `${table}: ${count} rows, ${earlier} half a year ago`);
          }
        } finally {
          store.close();
          await simulator.close();
        }
      }));
  },
  { timeoutMs: 180_000 },
);
