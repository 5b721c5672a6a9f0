import * as assert from 'uvu/assert';
import type { FaultAnswer } from '../../src/simulator/faults.js';
import { needing } from '../support/real-parts.js';
import { suite } from '../support/suite.js';
import { isLong, SyncTrial, waitOf } from '../support/sync-trial.js';

suite(
  'resilience: downloads that fail',
  (test) => {
    const real = needing(test, 'elasticsearch');

    real(
      'the metadata are in the index with everything else; the text comes with the next run once Box recovers',
      async () => {
        const trial = await SyncTrial.start({
          name: 'downloads',
          account: 'free',
          tree: { foldersPerUser: 2, filesPerFolder: 5 },
          // Without a pipeline what was sent for it stays in the document, where it can be compared.
          config: { extraction: { method: 'ingest_attachment' } },
        });
        try {
          const { box } = trial;
          const owner = trial.simulator.credentials.userId;
          const text = (name: string) => `The text of ${name}, which is long enough to be cut in two. `.repeat(100);
          const cases: readonly (readonly [string, 'content' | 'download', FaultAnswer])[] = [
            [
              'refused',
              'content',
              { kind: 'answer', status: 403, body: '{"type":"error","code":"access_denied_insufficient_permissions"}' },
            ],
            ['not-found', 'content', { kind: 'answer', status: 404, body: '{"type":"error","code":"not_found"}' }],
            ['failing', 'content', { kind: 'answer', status: 500, body: '' }],
            ['never-ready', 'content', { kind: 'answer', status: 202, headers: { 'retry-after': String(waitOf(10)) } }],
            ['host-failing', 'download', { kind: 'answer', status: 503, body: '' }],
            ['cut', 'download', { kind: 'cut' }],
            ['stalled', 'download', { kind: 'stall' }],
            ['dripping', 'download', { kind: 'drip', pieces: 6_000, everyMs: isLong ? 1_000 : 500 }],
          ];
          const files = cases.map(([name, route, answer]) => {
            const file = box.createFile({ name: `${name}.txt`, owner, content: text(name) });
            const match = route === 'content' ? { route, id: file.id } : { route, path: new RegExp(`^/d/1/[^?]*`) };
            return { name, file, route, answer, match };
          });
          const longer = box.createFile({ name: 'longer.txt', owner, content: text('longer') });
          box.setOdd(longer, { size: '10' });
          for (const { name, route, answer, file } of files) {
            if (route === 'content') {
              trial.simulator.faults.add({ match: { route, id: file.id }, answer });
              continue;
            }
            // A download address does not name the file: its content leads to one that does.
            const link = `/d/1/broken-${name}`;
            trial.simulator.faults.add({
              match: { route: 'content', id: file.id },
              answer: { kind: 'answer', status: 302, headers: { location: `${trial.simulator.url}${link}` } },
            });
            trial.simulator.faults.add({ match: { path: `^${link}` }, answer });
          }
          const first = await trial.syncs(0);
          assert.is(first.withoutContent, files.length + 1);
          await trial.assertEqual();
          const documents = await trial.documents();
          for (const { name, file } of files) assert.is(attachmentOf(documents.get(file.id)), undefined, name);
          const withText = [...documents.values()].filter((source) => attachmentOf(source) !== undefined);
          assert.is(withText.length, 10, 'all other files have their text');

          trial.simulator.faults.clear();
          box.setOdd(longer, {});
          const second = await trial.syncs(0);
          assert.is(second.withoutContent, 0);
          assert.is(second.written, files.length + 1);
          const mended = await trial.documents();
          for (const { name, file } of [...files, { name: 'longer', file: longer }]) {
            assert.is(attachmentOf(mended.get(file.id)), text(name), name);
          }
          await trial.assertEqual();
        } finally {
          await trial.close();
        }
      },
    );
  },
  { timeoutMs: isLong ? 3_600_000 : 60_000 },
);

function attachmentOf(source: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const attachment = source?.['_attachment'];
  return typeof attachment === 'string' && attachment !== '' ? Buffer.from(attachment, 'base64').toString() : undefined;
}
