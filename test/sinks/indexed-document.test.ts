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

  test('a document whose number another type has', () => {
    const document = indexedDocument('folder_1', { ...ours, id: 'folder_1', type: 'folder' }, false);
    assert.is(document?.id, '1');
    assert.is(document?.documentId, 'folder_1');
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
