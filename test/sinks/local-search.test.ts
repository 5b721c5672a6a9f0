import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { lastValueFrom, of, toArray } from 'rxjs';
import * as assert from 'uvu/assert';
import { localIndex } from '../../src/sinks/local-index.js';
import { searchLocalIndex } from '../../src/sinks/local-search.js';
import { suite } from '../support/suite.js';
import { enveloped, index, remove, update } from './operations.js';

suite('searchLocalIndex()', (test) => {
  const folder = mkdtempSync(join(tmpdir(), 'local-search-'));
  const path = join(folder, 'index.sqlite');
  const write = (...operations: Parameters<typeof enveloped>[0]) =>
    lastValueFrom(of(enveloped(operations)).pipe(localIndex({ path }), toArray()));
  const ids = (text: string) => searchLocalIndex(path, text).map(({ id }) => id);
  test.after(() => rmSync(folder, { recursive: true }));

  test.before(async () => {
    const file = (name: string, under = '') => ({
      name,
      path: `${under}/${name}`,
      type: 'file',
      url: `https://b/${name}`,
    });
    await write(
      index('1', file('Budget 2024.xlsx', '/Finance'), { body: 'numbers and sums' }),
      index('2', file('Notes.txt', '/Budget'), { body: 'what was said' }),
      index('3', file('Minutes.txt'), { body: 'the committee looked at the budget and at the café' }),
      index('4', file('Holiday.jpg'), { body: '' }),
      index('5', file('C++ "guide" (new).md'), { body: 'NEAR and OR, NOT a syntax: name:x ^ * -' }),
    );
  });

  test('ranks a word in the name above one in the path, that above one in the text', () => {
    assert.equal(ids('budget'), ['1', '2', '3']);
    const scores = searchLocalIndex(path, 'budget').map(({ score }) => score);
    assert.equal(
      [...scores].sort((a, b) => b - a),
      scores,
    );
  });

  test('gives type, name, path, url and a marked passage', () => {
    const [hit] = searchLocalIndex(path, 'committee', { marks: { open: '[', close: ']' } });
    assert.is(hit?.type, 'file');
    assert.is(hit?.name, 'Minutes.txt');
    assert.is(hit?.path, '/Minutes.txt');
    assert.is(hit?.url, 'https://b/Minutes.txt');
    assert.match(hit?.snippet ?? '', /the \[committee\] looked/);
  });

  test('all words before any word; the last one may be a beginning; accents do not matter', () => {
    assert.equal(ids('budget committee'), ['3']);
    assert.equal(ids('comm'), ['3']);
    assert.equal(ids('cafe'), ['3']);
    assert.equal(ids('holiday sums').sort(), ['1', '4']);
    assert.equal(ids('hol sums'), ['1'], 'only the last word may be a beginning');
  });

  test('follows updates and deletes', async () => {
    await write(index('9', { name: 'zebra', path: '/zebra' }), index('8', { name: 'yak', path: '/yak' }));
    await write(update('9', { name: 'quagga', path: '/quagga' }), remove('8'));
    assert.equal(ids('zebra'), []);
    assert.equal(ids('yak'), []);
    assert.equal(ids('quagga'), ['9']);
  });

  test('limit bounds the hits', () => {
    assert.is(searchLocalIndex(path, 'budget', { limit: 2 }).length, 2);
  });

  test('what looks like query syntax is taken as words', () => {
    assert.equal(ids('"guide'), ['5']);
    assert.equal(ids('name:x'), ['5']);
    assert.equal(ids('NEAR OR NOT'), ['5']);
    for (const nothing of ['', '   ', '"', '***', '()', '-', '😀', '\0']) assert.equal(ids(nothing), []);
  });

  test('no text breaks it', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 20 }),
          fc
            .array(fc.constantFrom('"', "'", '*', '(', ')', 'AND', 'OR', 'NEAR(', ':', '^', '{', 'a', ' ', '\0'), {
              maxLength: 12,
            })
            .map((parts) => parts.join('')),
        ),
        (text) => {
          searchLocalIndex(path, text);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('without an index it says what to do', () => {
    assert.throws(
      () => searchLocalIndex(join(folder, 'none.sqlite'), 'x'),
      /Run "sync" with "sink: local_index" first/,
    );
  });
});
