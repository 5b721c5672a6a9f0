import * as assert from 'uvu/assert';
import type { Outcome } from '../../src/core/outcome.js';
import { Tally } from '../../src/core/tally.js';
import { suite } from '../support/suite.js';

suite('Tally', (test) => {
  const version = { signature: 's', content: null };
  const outcomes: readonly (readonly [Outcome, string])[] = [
    [{ kind: 'written', version }, 'written'],
    [{ kind: 'unchanged', version }, 'unchanged'],
    [{ kind: 'filtered', rule: 'r', signature: 's' }, 'filtered'],
    [{ kind: 'rejected', reason: 'x' }, 'rejected'],
  ];
  const none = {
    listed: 0,
    written: 0,
    withoutContent: 0,
    withoutContentReason: null,
    unchanged: 0,
    filtered: 0,
    rejected: 0,
    deleted: 0,
    deletesHeld: 0,
    deletesPending: 0,
    unread: [],
  };
  const unread = (id: string) => ({ type: 'folder', id, path: `/${id}`, reason: 'HTTP 500' }) as const;

  test('a run that lists nothing has counts of nothing', () => {
    assert.equal(new Tally().finalReport(), none);
  });

  for (const [outcome, name] of outcomes) {
    test(`${outcome.kind} counts as ${name} and nothing else`, () => {
      const tally = new Tally();
      tally.listed();
      tally.ended(outcome);
      assert.equal(tally.finalReport(), { ...none, listed: 1, [name]: 1 });
    });
  }

  test('written and unchanged without content are counted apart as well', () => {
    const tally = new Tally();
    for (const [kind, withoutContent] of [
      ['written', 'cut'],
      ['unchanged', 'refused'],
    ] as const) {
      tally.listed();
      tally.ended({ kind, version, withoutContent });
    }
    assert.equal(tally.finalReport(), {
      ...none,
      ...{ listed: 2, written: 1, unchanged: 1, withoutContent: 2, withoutContentReason: 'cut' },
    });
  });

  test('deleted, held and pending stand beside what was listed', () => {
    const tally = new Tally();
    tally.ended({ kind: 'deleted' });
    tally.deletesHeld(3);
    tally.deletesHeld(1);
    tally.deletesPending(2);
    assert.equal(tally.finalReport(), { ...none, deleted: 1, deletesHeld: 4, deletesPending: 2 });
  });

  test('a count that does not come out even is an error that shows both sides', () => {
    const tally = new Tally();
    tally.listed();
    tally.listed();
    tally.ended({ kind: 'rejected', reason: 'x' });
    assert.throws(() => tally.finalReport(), /2 items were listed and 1 have ended \(.*rejected 1\)/);
    assert.is(tally.report().listed, 2, 'the report on the way has no such duty');
  });

  test('the report of a run that was broken off counts as listed only what has ended', () => {
    const tally = new Tally();
    for (let count = 0; count < 3; count += 1) tally.listed();
    tally.ended({ kind: 'written', version });
    tally.unread(unread('1'));
    assert.equal(tally.brokenOffReport(), { ...none, listed: 1, written: 1, unread: [unread('1')] });
  });

  test('a report does not change behind the back of who has it', () => {
    const tally = new Tally();
    const before = tally.report();
    tally.listed();
    tally.unread(unread('1'));
    assert.equal(before, none);
  });

  test('1,000 of what could not be read are kept, all are counted', () => {
    const tally = new Tally();
    for (let id = 0; id < 1_200; id += 1) tally.unread(unread(String(id)));
    assert.equal([tally.report().unread.length, tally.unreadCount], [1_000, 1_200]);
    assert.equal(tally.report().unread[0], unread('0'));
  });

  test('a run that is gone on with keeps what has ended, and counts what had not, or is done again, anew', () => {
    const before = {
      ...none,
      listed: 10,
      written: 3,
      withoutContent: 1,
      withoutContentReason: 'cut',
      unchanged: 2,
      filtered: 1,
      rejected: 1,
      deleted: 4,
      deletesHeld: 5,
      deletesPending: 6,
      unread: [unread('1')],
    };
    const tally = new Tally(before);
    assert.is(tally.unreadCount, 0);
    assert.equal(tally.finalReport(), { ...before, listed: 7, deletesHeld: 0, deletesPending: 0, unread: [] });
  });

  test('what had not ended when a run was broken off is not counted as listed', () => {
    const tally = new Tally();
    tally.listed();
    tally.listed();
    tally.ended({ kind: 'unchanged', version: { signature: 's', content: null } });
    assert.equal(tally.brokenOffReport(), { ...none, listed: 1, unchanged: 1, unread: [] });
  });
});
