import * as assert from 'uvu/assert';
import { indexedDocument } from '../../src/sinks/indexed-document.js';
import { indexedPage } from '../../src/sinks/indexed-page.js';
import { suite } from '../support/suite.js';

const ours = {
  id: '1',
  type: 'file',
  parent: { id: '7' },
  owned_by: { id: '11' },
  _sync: { signature: 's', content_version: 'c' },
};

suite('indexedDocument', (test) => {
  test('ours, in an enterprise and in one account', () => {
    const expected = {
      documentId: '1',
      type: 'file',
      id: '1',
      parent: '7',
      viewer: '11',
      version: { signature: 's', content: 'c' },
    };
    assert.equal(indexedDocument('1', ours, true), expected);
    assert.equal(indexedDocument('1', ours, false), { ...expected, viewer: null });
  });

  test("Elastic's: no version, so that it is written anew; without a parent, in the root", () => {
    const document = indexedDocument('3', { id: '3', type: 'web_link' }, true);
    assert.equal(document, { documentId: '3', type: 'web_link', id: '3', parent: '0', viewer: null, version: null });
  });

  test('who has seen it stands in _sync; the owner is a guess for documents that do not say', () => {
    const seenBy = (viewer: unknown) => ({ ...ours, _sync: { ...ours._sync, viewer } });
    assert.is(indexedDocument('1', seenBy('12'), true)?.viewer, '12');
    assert.is(indexedDocument('1', seenBy(null), true)?.viewer, null, "the token's own user");
    assert.is(indexedDocument('1', seenBy('12'), false)?.viewer, null, 'in one account there is nobody else');
  });

  test('an _id is never taken apart: what it is of stands in the fields', () => {
    const folder = { ...ours, type: 'folder' };
    for (const [documentId, sync, id] of [
      ['folder_1', { id: '1' }, '1'],
      ['folder_number_0', {}, 'folder_number_0'],
      ['folder_folder_1', { id: 'folder_1' }, 'folder_1'],
      ['7', { id: '' }, '7'],
      ['7', { id: 7 }, '7'],
    ] as const) {
      const document = indexedDocument(
        documentId,
        { ...folder, id: documentId, _sync: { ...ours._sync, ...sync } },
        true,
      );
      assert.equal([document?.documentId, document?.id, document?.type], [documentId, id, 'folder']);
    }
  });

  test('without text there is no content version', () => {
    const document = indexedDocument('1', { ...ours, _sync: { signature: 's', content_version: null } }, false);
    assert.equal(document?.version, { signature: 's', content: null });
  });

  const strangers: readonly [what: string, source: unknown][] = [
    ['another id inside', { ...ours, id: '2' }],
    ['an unknown type', { ...ours, type: 'note' }],
    ['a type that every object has', { ...ours, type: 'constructor' }],
    ['a number as id', { ...ours, id: 1 }],
    ['no object', 'text'],
    ['nothing', null],
    ['no source', undefined],
  ];
  for (const [what, source] of strangers) {
    test(`a stranger: ${what}`, () => assert.is(indexedDocument('1', source, true), undefined));
  }

  test('a page is sorted into known and strangers', () => {
    const page = indexedPage(
      [
        ['1', ours],
        ['x', { title: 'a page of the web crawler' }],
      ],
      false,
    );
    assert.equal(
      page.documents.map(({ id }) => id),
      ['1'],
    );
    assert.equal(page.strangers, ['x']);
  });
});
