import * as assert from 'uvu/assert';
import { parseFolderPlace } from '../../src/box/parse-folder-place.js';
import { TransientError } from '../../src/core/errors.js';
import { suite } from '../support/suite.js';

suite('parseFolderPlace()', (test) => {
  const above = (...entries: unknown[]) => ({ total_count: entries.length, entries });

  test('path and ancestors are those of path_collection, without the name of the root', () => {
    const place = parseFolderPlace({
      type: 'folder',
      id: '12',
      name: 'C',
      owned_by: { id: '5' },
      path_collection: above({ id: '0', name: 'All Files' }, { id: 11, name: 'B' }),
    });
    assert.equal(place, { id: '12', path: '/B/C', ancestors: ['0', '11'], owner: '5' });
  });

  test('the root has no path', () => {
    assert.equal(parseFolderPlace({ id: '0', name: 'All Files', path_collection: above() }), {
      id: '0',
      path: '',
      ancestors: [],
      owner: '',
    });
  });

  for (const [field, body] of [
    ['id', { name: 'x', path_collection: above() }],
    ['path_collection.entries', { id: '1', name: 'x' }],
    ['path_collection.entries.id', { id: '1', name: 'x', path_collection: above({ name: 'y' }) }],
  ] as const) {
    test(`names the field that is wrong: ${field}`, () => {
      assert.throws(
        () => parseFolderPlace(body),
        (error: unknown) => error instanceof TransientError && error.message.includes(`field "${field}" is missing`),
      );
    });
  }

  test('a name that is none gives way to the id', () => {
    const above = { entries: [{ id: '0' }, { id: '5', name: {} }, { id: '6', name: 'half \ud83d' }] };
    assert.is(parseFolderPlace({ id: '1', name: 5.5, path_collection: above }).path, '/5/half \ufffd/1');
  });
});
