import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import { fileNameHeader } from '../../src/extractors/file-name-header.js';
import { suite } from '../support/suite.js';

suite('fileNameHeader', (test) => {
  for (const [name, expected] of [
    ['a.pdf', `attachment; filename="a.pdf"; filename*=UTF-8''a.pdf`],
    ['Ä b.pdf', `attachment; filename="_ b.pdf"; filename*=UTF-8''%C3%84%20b.pdf`],
    ['a"\r\nX: 1.pdf', `attachment; filename="a___X_ 1.pdf"; filename*=UTF-8''a%22%0D%0AX%3A%201.pdf`],
    ["it's(1)*.pdf", `attachment; filename="it_s_1__.pdf"; filename*=UTF-8''it%27s%281%29%2A.pdf`],
    ['\ud83d.txt', `attachment; filename="_.txt"; filename*=UTF-8''%EF%BF%BD.txt`],
  ] as const) {
    test(`of ${JSON.stringify(name)}`, () => assert.is(fileNameHeader(name), expected));
  }

  test('keeps the end of a very long name', () => {
    assert.is(fileNameHeader(`${'x'.repeat(5_000)}.pdf`).length, fileNameHeader(`${'x'.repeat(251)}.pdf`).length);
    assert.match(fileNameHeader(`${'x'.repeat(5_000)}.pdf`), /\.pdf$/);
  });

  test('is always one line of printable ASCII that has the name in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 100 }), (name) => {
        const header = fileNameHeader(name);
        const encoded = header.split("UTF-8''")[1] ?? '';
        return /^[ -~]*$/.test(header) && decodeURIComponent(encoded) === Buffer.from(name).toString();
      }),
    );
  });
});
