import * as assert from 'uvu/assert';
import { sqliteStore } from '../../src/state/sqlite-store.js';
import { hostileTexts } from '../support/hostile-texts.js';
import { knownItem } from '../support/known-item.js';
import { suite } from '../support/suite.js';

suite('ContentTries in SQLite', (test) => {
  const withStore = (use: (store: ReturnType<typeof sqliteStore>) => void) => {
    const store = sqliteStore(':memory:');
    try {
      use(store);
    } finally {
      store.close();
    }
  };
  const done = (id: string, content: string | null) => knownItem({ id, version: { signature: 's', content } });

  test('counts the tries of one content; a new one begins anew', () =>
    withStore(({ contentTries }) => {
      const [one, two] = [
        { id: '1', content: 'v1' },
        { id: '1', content: 'v2' },
      ];
      assert.equal([contentTries.failed(one), contentTries.failed(one), contentTries.count(one)], [1, 2, 2]);
      assert.equal([contentTries.count(two), contentTries.failed(two), contentTries.count(one)], [0, 1, 0]);
      contentTries.drop([]);
      assert.is(contentTries.count(two), 1);
      contentTries.drop(['1', 'never seen']);
      assert.is(contentTries.count(two), 0);
    }));

  test('given up is what the catalogue has as done; again, it is to be tried', () =>
    withStore(({ catalogue, contentTries }) => {
      catalogue.record([done('1', 'v1'), done('2', null), done('3', 'v1')]);
      for (const id of ['1', '2']) contentTries.failed({ id, content: 'v1' });
      assert.equal([contentTries.givenUp(), contentTries.again(), contentTries.givenUp()], [1, 1, 0]);
      const known = catalogue.known(['1', '2', '3']);
      assert.equal(
        ['1', '2', '3'].map((id) => known.get(`file ${id}`)?.version),
        [
          { signature: 's', content: null },
          { signature: 's', content: null },
          { signature: 's', content: 'v1' },
        ],
      );
      assert.is(contentTries.count({ id: '2', content: 'v1' }), 0);
    }));

  test('a file that has gone is forgotten', () =>
    withStore(({ catalogue, contentTries }) => {
      catalogue.record([done('1', 'v1')]);
      for (const id of ['1', '2']) contentTries.failed({ id, content: 'v1' });
      contentTries.forgetGone();
      assert.equal(
        ['1', '2'].map((id) => contentTries.count({ id, content: 'v1' })),
        [1, 0],
      );
    }));

  test('any text may come', () =>
    withStore(({ contentTries }) => {
      for (const text of hostileTexts) {
        assert.is(contentTries.failed({ id: text, content: text }), 1);
        assert.is(contentTries.failed({ id: text, content: text }), 2);
        contentTries.drop([text]);
        assert.is(contentTries.count({ id: text, content: text }), 0);
      }
    }));
});
