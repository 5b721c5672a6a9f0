import * as assert from 'uvu/assert';
import { systemClock } from '../../../src/core/clock.js';
import { PermanentError, TransientError } from '../../../src/core/errors.js';
import type { Extractor } from '../../../src/extractors/extractor.js';
import { probeExtraction } from '../../../src/extractors/probe-extraction.js';
import { tika } from '../../../src/extractors/tika.js';
import { fileInfo } from '../../support/file-info.js';
import { makeDocx } from '../../support/make-docx.js';
import { endlessRoom } from '../../support/rooms.js';
import { suite } from '../../support/suite.js';
import { startTika, tikaMissing, type RunningTika } from '../../support/tika.js';

const deps = { clock: systemClock, random: () => 0 };
const never = new AbortController().signal;

const rtf = String.raw`{\rtf1\ansi\deff0{\fonttbl{\f0 Arial;}}\f0\fs24 Quarterly report from the RTF file, caf\'e9.\par}`;
const html = '<!doctype html><title>Title</title><script>var hidden</script><p>Visible &amp; plain</p>';
const csv = 'name;amount\nÄpfel;3\n';

function pdf(text: string): string {
  const content = `BT /F1 24 Tf 72 700 Td (${text}) Tj ET`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  let file = '%PDF-1.4\n';
  const offsets = objects.map((object, index) => {
    const offset = file.length;
    file += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const size = objects.length + 1;
  const xref = `xref\n0 ${size}\n0000000000 65535 f \n${table}`;
  return `${file}${xref}trailer\n<< /Size ${size} /Root 1 0 R >>\nstartxref\n${file.length}\n%%EOF\n`;
}

// [file name, content, the text that has to come out, with white space reduced]
const documents: readonly (readonly [string, string | Buffer, string])[] = [
  ['letter.docx', makeDocx(['Dear Anna,', 'grüße & 你好 😀']), 'Dear Anna, grüße & 你好 😀'],
  ['report.rtf', rtf, 'Quarterly report from the RTF file, café.'],
  ['paper.pdf', pdf('Hello from a PDF'), 'Hello from a PDF'],
  ['page.html', html, 'Visible & plain'],
  ['Liste \r\nX-Evil: 1 "日本" 😀 \ud83d.csv', csv, 'name;amount Äpfel;3'],
  ['notes.md', '# Heading\n\ntext', '# Heading text'],
];

suite(
  'tika against a real server',
  (test) => {
    const missing = tikaMissing();
    if (missing !== undefined) {
      test.skip('extracts text', missing);
      return;
    }
    let server: RunningTika | undefined;
    const extractor = (over: { maxTextBytes?: number; reduceWhitespace?: boolean } = {}) =>
      tika(deps, { url: server?.url ?? '', reduceWhitespace: true, timeoutMs: 20_000, ...over });

    test.before(async () => {
      server = await startTika();
    });
    test.after(() => server?.stop());

    for (const [name, content, expected] of documents) {
      test(`has the text of ${JSON.stringify(name)}`, async () => {
        assert.is(await textOf(extractor(), name, content), expected);
      });
    }

    test('the probe finds it', async () => {
      const url = `${server?.url ?? ''}/`;
      assert.is(await probeExtraction(systemClock, { method: 'tika', url }, never), null);
    });

    test('white space stays where it is not to be reduced', async () => {
      assert.match(await textOf(extractor({ reduceWhitespace: false }), 'a.txt', 'a  b\n\nc'), /^a {2}b\n\nc/);
    });

    test('a long text is cut at the limit, between two characters', async () => {
      const long = 'ä'.repeat(300_000);
      assert.is(await textOf(extractor({ maxTextBytes: 100_001 }), 'a.txt', long), 'ä'.repeat(50_000));
      // The connection that was left in the middle of an answer does no harm to the next request.
      assert.is(await textOf(extractor(), 'a.txt', 'next'), 'next');
    });

    test('10 MiB in many chunks arrive whole', async () => {
      const line = `${'x'.repeat(1023)}\n`;
      const text = await textOf(extractor({ maxTextBytes: 20_000_000 }), 'a.txt', line.repeat(10_240));
      assert.is(text.length, 10_485_759);
    });

    for (const [name, content] of [
      ['broken.docx', `PK\x03\x04${'x'.repeat(100)}`],
      ['broken.pdf', '%PDF-1.4\nbroken'],
    ] as const) {
      test(`${name} is given up for good`, async () => {
        const error = await failureOf(textOf(extractor(), name, content));
        assert.instance(error, PermanentError);
        assert.match(error.message, new RegExp(`"${name}": Tika at http.* answered 422.*damaged or encrypted`));
      });
    }

    test('a wrong address is not the fault of the file', async () => {
      const wrong = tika(deps, { url: `${server?.url ?? ''}/elsewhere`, reduceWhitespace: true });
      const error = await failureOf(textOf(wrong, 'a.txt', 'text'));
      assert.instance(error, TransientError);
      assert.match(error.message, /answered 404/);
    });
  },
  { timeoutMs: 30_000 },
);

async function textOf({ extract }: Extractor, name: string, content: string | Buffer): Promise<string> {
  const whole = Buffer.from(content);
  const file = fileInfo({ name, size: whole.length, extension: '' });
  const { members } = await extract(file, inChunks(whole), never, endlessRoom);
  return (JSON.parse(`{${members}}`) as { body: string }).body;
}

async function* inChunks(whole: Buffer): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < whole.length; start += 65_536) {
    await Promise.resolve();
    yield whole.subarray(start, start + 65_536);
  }
}

async function failureOf(work: Promise<unknown>): Promise<Error> {
  try {
    await work;
  } catch (error) {
    return error as Error;
  }
  throw new Error('expected a rejection');
}
