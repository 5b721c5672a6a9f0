import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import type { TruthItem } from '../../src/simulator/truth.js';
import { cleaned } from '../support/cleaned.js';
import type { IndexedSource } from '../support/index-contents.js';
import { makeDocx } from '../support/make-docx.js';
import { needing } from '../support/real-parts.js';
import { suite } from '../support/suite.js';
import { serveExtraction } from './extraction-stub.js';
import { assertCalls, assertIdle, extractedFiles, inScene, leastCalls } from './scene.js';

const tree = { users: 2, foldersPerUser: 3, filesPerFolder: 5, extensions: ['txt', 'png', 'md'] };
const gateBytes = 10_485_760;
const longestText = 5_242_880;

function textOf(item: TruthItem): string {
  return cleaned(item.content().toString(), { maxBytes: longestText, reduceWhitespace: true });
}

function documentOf(documents: ReadonlyMap<string, IndexedSource>, { type, id }: TruthItem): IndexedSource {
  const found = [documents.get(id), documents.get(`${type}_${id}`)].find((source) => source?.['type'] === type);
  if (found === undefined) throw new Error(`Expected a document of ${type} ${id}`);
  return found;
}

suite(
  'extraction',
  (test) => {
    const run = needing(test, 'elasticsearch');
    const runWithTika = needing(test, 'elasticsearch', 'tika');
    const tika = () => ({ extraction: { method: 'tika' }, tika: { url: process.env['TEST_TIKA_URL'] } });

    runWithTika('edge cases: every odd name, size, date and id, and the text of each file by the real Tika', () =>
      inScene({ tree: 'edge-cases' }, async (scene) => {
        const { sim, box } = scene;
        scene.configure(tika());
        const summary = await scene.sync();
        const documents = await scene.assertEqual();
        assertCalls(sim, leastCalls(box, { isEnterprise: true, text: true }));
        assert.is(summary.withoutContent, 0);
        assert.is(summary.written, documents.size);
        const seen = new Set<string>();
        let texts = 0;
        for (const item of box.truth()) {
          const { body } = documentOf(documents, item);
          const size = item.content().length;
          const name = item.name.toLowerCase();
          const isText = item.type === 'file' && /\.(txt|md|csv)$/.test(name) && size > 0 && size <= gateBytes;
          seen.add(item.name);
          if (!isText) {
            assert.is(body, undefined, `text of ${JSON.stringify(item.name)}`);
            continue;
          }
          texts += 1;
          const text = textOf(item);
          if (size < longestText) assert.is(body, text, `text of ${JSON.stringify(item.name)}`);
          else {
            // Cut before white space is reduced.
            assert.ok(typeof body === 'string' && body.length > 0.95 * longestText && text.startsWith(body), item.name);
          }
        }
        assert.is(texts, extractedFiles(box));
        for (const name of [
          '__proto__',
          'zero.txt',
          'exactly-the-limit.txt',
          'one-beyond-the-limit.txt',
          'two\nlines.txt',
        ]) {
          assert.ok(seen.has(name), name);
        }
        const twins = [...documents].filter(([id]) => id.endsWith('777000000001'));
        assert.equal(twins.map(([, source]) => String(source['type'])).sort(), ['file', 'folder']);
        sim.calls.reset();
        assertIdle(sim, await scene.sync());
      }),
    );

    runWithTika('a document in the format of Word; one that is broken costs its text only', () =>
      inScene({ tree: 'empty' }, async (scene) => {
        const { box } = scene;
        const good = box.createFile({ name: 'good.docx', content: makeDocx(['Fähre nach Amrum', 'um 8 Uhr']) });
        const bad = box.createFile({ name: 'bad.pdf', content: `%PDF-1.7\n${'\u0000\u0001garbage'.repeat(50)}` });
        scene.configure(tika());
        const summary = await scene.sync();
        const documents = await scene.assertEqual();
        assert.is(documents.get(good.id)?.['body'], 'Fähre nach Amrum um 8 Uhr');
        assert.is(summary.withoutContent, documents.get(bad.id)?.['body'] === undefined ? 1 : 0);
      }),
    );

    run('by the ingest pipeline: the content as base64, and the three flags', () =>
      inScene({ tree }, async (scene) => {
        const { sim, box, client } = scene;
        // The test distribution has no processors: without them what was sent stays in the document.
        await client.ingest.putPipeline({ id: 'search-default-ingestion', processors: [] });
        scene.configure({
          extraction: { method: 'ingest_attachment' },
          pipeline: { reduce_whitespace: false },
        });
        const summary = await scene.sync();
        const documents = await scene.assertEqual();
        assertCalls(sim, leastCalls(box, { isEnterprise: true, text: true }));
        assert.is(summary.withoutContent, 0);
        for (const item of box.truth()) {
          const source = documentOf(documents, item);
          const passes = item.type === 'file' && item.extension !== 'png';
          assert.is(source['_attachment'], passes ? item.content().toString('base64') : undefined);
          const { _extract_binary_content, _reduce_whitespace, _run_ml_inference } = source;
          assert.equal([_extract_binary_content, _reduce_whitespace, _run_ml_inference], [true, false, true]);
        }
        sim.calls.reset();
        assertIdle(sim, await scene.sync());
      }),
    );

    run('by the extraction service: the text of each file', async () => {
      const service = await serveExtraction();
      try {
        await inScene({ tree }, async (scene) => {
          scene.configure({ extraction: { method: 'extraction_service' }, extraction_service: { host: service.url } });
          await scene.sync();
          const documents = await scene.assertEqual();
          for (const item of scene.box.truth()) {
            const passes = item.type === 'file' && item.extension !== 'png';
            assert.is(documentOf(documents, item)['body'], passes ? textOf(item) : undefined);
          }
        });
      } finally {
        await service.close();
      }
    });

    run('by the extraction service with a shared folder: it gets paths, and nothing is left behind', async () => {
      const service = await serveExtraction();
      const shared = mkdtempSync(join(tmpdir(), 'connector-shared-'));
      service.answer = (path) => ({
        body: { extracted_text: existsSync(path) ? readFileSync(path, 'utf8') : 'no file' },
      });
      try {
        await inScene({ tree }, async (scene) => {
          scene.configure({
            extraction: { method: 'extraction_service' },
            extraction_service: { host: service.url, use_file_pointers: true, shared_volume_dir: shared },
          });
          await scene.sync();
          const documents = await scene.assertEqual();
          for (const item of scene.box.truth()) {
            const passes = item.type === 'file' && item.extension !== 'png';
            assert.is(documentOf(documents, item)['body'], passes ? textOf(item) : undefined);
          }
          assert.equal(readdirSync(shared), []);
          assert.ok(service.received.every((path) => path.startsWith(shared)));
        });
      } finally {
        rmSync(shared, { recursive: true });
        await service.close();
      }
    });

    for (const method of ['extraction_service', 'tika'] as const) {
      run(
        `${method} is down: the documents are there without text, exit code 0, and the next run takes the text`,
        async () => {
          const service = await serveExtraction();
          try {
            await inScene({ tree }, async (scene) => {
              const { sim, box } = scene;
              const dead = 'http://127.0.0.1:9';
              const texts = extractedFiles(box);
              scene.configure({ extraction: { method }, extraction_service: { host: dead }, tika: { url: dead } });
              const first = await scene.sync();
              assert.is(first.withoutContent, texts);
              const documents = await scene.assertEqual();
              assert.is(first.written, documents.size);
              assert.is([...documents.values()].filter(({ body }) => body !== undefined).length, 0);

              // Still down: what is there is not written again, but each text is tried.
              const second = await scene.sync();
              assert.is(second.withoutContent, texts);
              assert.is(second.state, 'complete');

              sim.calls.reset();
              scene.configure({
                extraction: { method: 'extraction_service' },
                extraction_service: { host: service.url },
              });
              const third = await scene.sync();
              assert.is(third.withoutContent, 0);
              assert.is(third.written, texts);
              assert.is(sim.calls.of('content'), texts);
              const now = [...(await scene.assertEqual()).values()];
              assert.is(now.filter(({ body }) => body !== undefined).length, texts);
            });
          } finally {
            await service.close();
          }
        },
      );
    }

    run(
      'a service that refuses one file costs that text only; new content that cannot be had leaves the old text',
      async () => {
        const service = await serveExtraction();
        try {
          await inScene({ tree: 'empty' }, async (scene) => {
            const { box } = scene;
            const [good, bad] = ['good', 'bad'].map((text) => box.createFile({ name: `${text}.txt`, content: text }));
            service.answer = (content) =>
              content === 'bad'
                ? { status: 422, body: { error: 'Unprocessable Entity', message: 'broken' } }
                : { body: { extracted_text: content } };
            scene.configure({
              extraction: { method: 'extraction_service' },
              extraction_service: { host: service.url },
            });
            const first = await scene.sync();
            assert.is(first.withoutContent, 1);
            const documents = await scene.assertEqual();
            assert.is(documents.get(good?.id ?? '')?.['body'], 'good');
            assert.is(documents.get(bad?.id ?? '')?.['body'], undefined);

            box.forbidDownload(good?.id ?? '', 'forbidden_by_policy');
            box.newVersion(good?.id ?? '', 'newer');
            box.rename({ type: 'file', id: good?.id ?? '' }, 'renamed.txt');
            const second = await scene.sync();
            // The same bytes would be refused again: they are not fetched a second time.
            assert.equal([second.withoutContent, second.boxCalls['content']], [1, 1]);
            const after = await scene.assertEqual();
            assert.is(after.get(good?.id ?? '')?.['body'], 'good');
            assert.is(after.get(good?.id ?? '')?.['name'], 'renamed.txt');

            box.forbidDownload(good?.id ?? '', null);
            await scene.sync();
            assert.is((await scene.assertEqual()).get(good?.id ?? '')?.['body'], 'newer');
          });
        } finally {
          await service.close();
        }
      },
    );

    run(
      'files over which the service hangs cost three runs, not every run; retry-texts has them tried again',
      async () => {
        const service = await serveExtraction();
        try {
          await inScene({ tree: 'empty' }, async (scene) => {
            const { box, connector } = scene;
            for (let index = 0; index < 45; index += 1)
              box.createFile({ name: `bad${index}.txt`, content: `bad ${index}` });
            box.createFile({ name: 'good.txt', content: 'good' });
            const hangs = (content: string) =>
              content.startsWith('bad') ? { body: null, hangs: true as const } : { body: { extracted_text: content } };
            service.answer = hangs;
            scene.configure({
              extraction: { method: 'extraction_service' },
              extraction_service: { host: service.url, timeout: 1 },
            });
            const texts = async () =>
              [...(await scene.assertEqual()).values()].filter(({ body }) => body !== undefined).length;
            const asked = async () => {
              const before = service.received.filter((content) => content.startsWith('bad')).length;
              const { withoutContent, written } = await scene.sync();
              const tried = service.received.filter((content) => content.startsWith('bad')).length - before;
              return { withoutContent, written, tried };
            };
            assert.equal(await asked(), { withoutContent: 45, written: 46, tried: 45 });
            assert.equal(await asked(), { withoutContent: 45, written: 0, tried: 45 });
            assert.equal(await asked(), { withoutContent: 45, written: 45, tried: 45 });
            assert.equal(await asked(), { withoutContent: 0, written: 0, tried: 0 });
            assert.is(await texts(), 1);
            const status = await connector.run(['status']);
            assert.match(status.stdout, /^Texts {8}45 given up/m);

            // Time enough for a busy machine.
            scene.configure({
              extraction: { method: 'extraction_service' },
              extraction_service: { host: service.url },
            });
            service.answer = undefined;
            const { code, stdout } = await connector.run(['retry-texts']);
            assert.equal([code, stdout.trim()], [0, '45 texts that were given up are tried again in the next run']);
            assert.equal(await asked(), { withoutContent: 0, written: 45, tried: 45 });
            assert.is(await texts(), 46);
          });
        } finally {
          await service.close();
        }
      },
    );

    run('a service that answers nobody is no fault of any file: in the end all have their text', async () => {
      const service = await serveExtraction();
      try {
        await inScene({ tree: 'empty' }, async (scene) => {
          for (const name of ['a.txt', 'b.txt']) scene.box.createFile({ name, content: name });
          const configure = (timeout: number) =>
            scene.configure({
              extraction: { method: 'extraction_service', max_tries: 1 },
              extraction_service: { host: service.url, timeout },
            });
          configure(0.2);
          service.answer = () => ({ body: null, hangs: true });
          for (let count = 0; count < 2; count += 1) assert.is((await scene.sync()).withoutContent, 2);
          configure(30);
          service.answer = () => ({ status: 503, body: {} });
          assert.is((await scene.sync()).withoutContent, 2);
          service.answer = undefined;
          const { withoutContent, written } = await scene.sync();
          assert.equal([withoutContent, written], [0, 2]);
          const bodies = [...(await scene.assertEqual()).values()].map(({ body }) => String(body));
          assert.equal(bodies.sort(), ['a.txt', 'b.txt']);
        });
      } finally {
        await service.close();
      }
    });
  },
  { timeoutMs: 120_000 },
);
