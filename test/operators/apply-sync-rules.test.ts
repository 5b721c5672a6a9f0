import { EMPTY, NEVER, from, of, throwError } from 'rxjs';
import * as assert from 'uvu/assert';
import type { Envelope } from '../../src/core/envelope.js';
import { applySyncRules } from '../../src/operators/apply-sync-rules.js';
import type { Compared, Difference } from '../../src/operators/draft.js';
import { syncRules } from '../../src/operators/sync-rules/sync-rules.js';
import type { Gone } from '../../src/sources/change.js';
import { Envelopes, goneFile } from '../support/envelopes.js';
import { boxFile, found } from '../support/found.js';
import { marbles } from '../support/marbles.js';
import { suite } from '../support/suite.js';

suite('applySyncRules()', (test) => {
  const rules = syncRules([
    { id: 'no-tmp', order: 0, policy: 'exclude', field: 'extension', rule: 'equals', value: 'tmp' },
  ]);
  const compared = (extension: string, difference: Difference): Compared<{ extension: string }> => ({
    kind: 'compared',
    found: found(boxFile()),
    document: { extension },
    source: '{}',
    signature: 's',
    wanted: 'v1',
    difference,
  });
  const judge = (value: Compared<{ extension: string }> | Gone) => {
    const envelopes = new Envelopes();
    const out: unknown[] = [];
    of<Envelope<Compared<{ extension: string }> | Gone>>(envelopes.of(value))
      .pipe(applySyncRules({ rules }))
      .subscribe((envelope) => out.push(envelope.value));
    return { out, outcomes: envelopes.outcomes };
  };

  test('never stays never, empty stays empty, an error of the source passes', () => {
    marbles(({ expectObservable }) => {
      expectObservable(NEVER.pipe(applySyncRules({ rules }))).toBe('-');
      expectObservable(EMPTY.pipe(applySyncRules({ rules }))).toBe('|');
      expectObservable(throwError(() => new Error('x')).pipe(applySyncRules({ rules }))).toBe(
        '#',
        undefined,
        new Error('x'),
      );
    });
  });

  for (const difference of ['none', 'metadata', 'whole'] as const) {
    test(`what a rule excludes ends as filtered, with difference ${difference}`, () => {
      assert.equal(judge(compared('tmp', difference)), {
        out: [],
        outcomes: [{ kind: 'filtered', rule: 'no-tmp', signature: 's' }],
      });
    });
  }

  for (const difference of ['metadata', 'whole'] as const) {
    test(`what is kept passes, with difference ${difference}`, () => {
      const value = compared('txt', difference);
      assert.equal(judge(value), { out: [value], outcomes: [] });
    });
  }

  test('what is kept and does not differ ends as unchanged', () => {
    assert.equal(judge(compared('txt', 'none')), {
      out: [],
      outcomes: [{ kind: 'unchanged', version: { signature: 's', content: 'v1' } }],
    });
  });

  test('what is gone passes, whatever the rules', () => {
    assert.equal(judge(goneFile), { out: [goneFile], outcomes: [] });
  });

  test('unsubscribing ends the source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<Envelope<Compared<{ extension: string }> | Gone>>('----|');
      expectObservable(source.pipe(applySyncRules({ rules })), '--!').toBe('---');
      expectSubscriptions(source.subscriptions).toBe('^-!');
    });
  });

  test('rules that throw cost this item, and no other', () => {
    const envelopes = new Envelopes();
    const out: unknown[] = [];
    const throwing = {
      ...rules,
      decide: (document: Readonly<Record<string, unknown>>) => {
        if (document['extension'] === 'odd') throw new Error('a fault of the rule');
        return rules.decide(document);
      },
    };
    from<readonly Envelope<Compared<{ extension: string }> | Gone>[]>([
      envelopes.of(compared('odd', 'whole')),
      envelopes.of(compared('txt', 'whole')),
    ])
      .pipe(applySyncRules({ rules: throwing }))
      .subscribe((envelope) => out.push(envelope.value));
    assert.is(out.length, 1);
    assert.equal(envelopes.outcomes, [
      { kind: 'rejected', reason: 'the sync rules cannot judge it: a fault of the rule', operation: 'map' },
    ]);
  });
});
