import * as assert from 'uvu/assert';
import type { BoxFile } from '../../src/box/box-item.js';
import { contentGate, defaultExtensions, extensionOf } from '../../src/extractors/content-gate.js';
import { suite } from '../support/suite.js';

function file(name: string | null, size: number | null = 10): BoxFile {
  const nothing = {
    etag: null, sequence_id: null, description: null, created_at: null, modified_at: null, created_by: null,
    modified_by: null, owned_by: null, parent: null, item_status: null, shared_link: null, content_created_at: null,
    content_modified_at: null, sha1: null, file_version: null, extension: null, tags: null, classification: null,
  }; // prettier-ignore
  return { type: 'file', id: '1', name, size, ...nothing };
}

const limit = 10_485_760;

// [name, size, why it does not pass; null: it does]
const table: readonly (readonly [string | null, number | null, string | null])[] = [
  ['a.pdf', 1, null],
  ['a.PdF', 1, null],
  ['archive.tar.docx', 1, null],
  ['.txt', 1, null],
  ['a.pdf', limit, null],
  ['a.pdf', null, null],
  ['a.pdf', limit + 1, `${limit + 1} bytes are more than the limit of ${limit}`],
  ['a.pdf', 0, 'empty file'],
  ['a.pdf', -1, 'empty file'],
  ['a.exe', 1, 'extension "exe" is not extracted'],
  ['a.pdf.exe', 1, 'extension "exe" is not extracted'],
  ['a.pdf ', 1, 'extension "pdf " is not extracted'],
  ['pdf', 1, 'name without an extension'],
  ['a.', 1, 'name without an extension'],
  ['', 1, 'name without an extension'],
  [null, 1, 'name without an extension'],
  ['a.__proto__', 1, 'extension "__proto__" is not extracted'],
];

suite('contentGate', (test) => {
  for (const [name, size, reason] of table) {
    test(`${JSON.stringify(name)} of ${size ?? 'unknown'} bytes ${reason === null ? 'passes' : 'does not pass'}`, () => {
      const decision = contentGate({ enabled: true }).check(file(name, size));
      assert.equal(decision, reason === null ? { pass: true } : { pass: false, reason });
    });
  }

  test('the default extensions are the 31 of Elastic', () => {
    assert.is(new Set(defaultExtensions).size, 31);
    const gate = contentGate({ enabled: true });
    for (const extension of defaultExtensions) assert.ok(gate.check(file(`x.${extension}`)).pass, extension);
  });

  test('extensions of one’s own replace the default, with or without the dot', () => {
    const gate = contentGate({ enabled: true, extensions: ['.EML', 'log'] });
    assert.ok(gate.check(file('a.eml')).pass);
    assert.ok(gate.check(file('a.Log')).pass);
    assert.not(gate.check(file('a.pdf')).pass);
  });

  test('a limit of one’s own is inclusive', () => {
    const gate = contentGate({ enabled: true, maxBytes: 5 });
    assert.is(gate.maxBytes, 5);
    assert.ok(gate.check(file('a.pdf', 5)).pass);
    assert.not(gate.check(file('a.pdf', 6)).pass);
  });

  test('nothing passes when extraction is off', () => {
    assert.equal(contentGate({ enabled: false }).check(file('a.pdf')), {
      pass: false,
      reason: 'text extraction is off',
    });
  });

  test('the fingerprint follows the settings, not how they are written', () => {
    const { fingerprint } = contentGate({ enabled: true, extensions: ['a', 'b'] });
    assert.match(fingerprint, /^[0-9a-f]{16}$/);
    assert.is(contentGate({ enabled: true, extensions: ['.B', 'a', 'a'] }).fingerprint, fingerprint);
    assert.is.not(contentGate({ enabled: true, extensions: ['a'] }).fingerprint, fingerprint);
    assert.is.not(contentGate({ enabled: true, extensions: ['a', 'b'], maxBytes: 1 }).fingerprint, fingerprint);
    assert.is.not(contentGate({ enabled: false, extensions: ['a', 'b'] }).fingerprint, fingerprint);
  });

  for (const [name, extension] of [
    ['A.PDF', 'pdf'],
    ['a', ''],
    ['a.b.c', 'c'],
    ['.x', 'x'],
    ['x.', ''],
    [null, ''],
  ] as const) {
    test(`extensionOf(${JSON.stringify(name)})`, () => assert.is(extensionOf({ name }), extension));
  }
});
