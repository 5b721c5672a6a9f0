import * as assert from 'uvu/assert';
import { activeFiltering, activeProblem, activeRules, checkDraft } from '../../src/service/filtering.js';
import { suite } from '../support/suite.js';

const now = new Date('2026-03-01T12:00:00.000Z');
const rule = { id: 'r1', order: 0, policy: 'exclude', field: 'extension', rule: 'equals', value: 'tmp' };
const valid = { state: 'valid', errors: [] };
const active = { rules: [{ ...rule, id: 'old' }], advanced_snippet: { value: {} }, validation: valid };
const draft = (rules: readonly unknown[], snippet: unknown = {}, state = 'edited') => ({
  rules,
  advanced_snippet: { value: snippet, created_at: 'then' },
  validation: { state, errors: [] },
});
const filtering = (edited: unknown) => [
  { domain: 'OTHER', draft: draft([]) },
  { domain: 'DEFAULT', active, draft: edited },
];

suite('checkDraft', (test) => {
  test('leaves alone what nobody has edited, and what is no filtering', () => {
    assert.is(checkDraft(filtering(draft([rule], {}, 'valid')), now), null);
    assert.is(checkDraft(filtering(draft([rule], {}, 'invalid')), now), null);
    assert.is(checkDraft([], now), null);
    assert.is(checkDraft(['nonsense', { domain: 'DEFAULT' }], now), null);
  });

  test('makes valid rules the active ones', () => {
    const edited = draft([rule]);
    const checked = checkDraft(filtering(edited), now);
    const judged = { ...edited, validation: valid };
    const activated = {
      ...judged,
      advanced_snippet: { ...judged.advanced_snippet, updated_at: '2026-03-01T12:00:00.000Z' },
    };
    assert.equal(checked, {
      state: 'valid',
      problems: [],
      filtering: [
        { domain: 'OTHER', draft: draft([]) },
        { domain: 'DEFAULT', active: activated, draft: judged },
      ],
    });
    assert.equal(activeRules(checked?.filtering ?? []), [rule]);
  });

  test('answers wrong rules with their ids and messages, and leaves the active ones', () => {
    const checked = checkDraft(filtering(draft([{ ...rule, rule: 'regex', value: '(' }, { id: 'r2' }])), now);
    assert.is(checked?.state, 'invalid');
    const [, domain] = (checked?.filtering ?? []) as {
      active: unknown;
      draft: { validation: { errors: { ids: unknown }[] } };
    }[];
    assert.equal(domain?.active, active);
    const ids = domain?.draft.validation.errors.flatMap((error) => error.ids);
    assert.equal([...new Set(ids)], ['r1', 'r2']);
  });

  for (const snippet of [[{ query: 'x' }], { a: 1 }, 'text']) {
    test(`answers an advanced snippet (${JSON.stringify(snippet)}) as invalid, with the reason`, () => {
      const checked = checkDraft(filtering(draft([], snippet)), now);
      const [, domain] = (checked?.filtering ?? []) as { draft: { validation: unknown } }[];
      assert.equal(domain?.draft.validation, {
        state: 'invalid',
        errors: [
          {
            ids: ['advanced_snippet'],
            messages: [
              'Advanced sync rules are not supported by the Box connector: remove the advanced snippet, and use basic rules.',
            ],
          },
        ],
      });
    });
  }
});

suite('the active filtering', (test) => {
  test('is what jobs keep and go by', () => {
    assert.equal(activeFiltering(filtering(draft([]))), active);
    assert.equal(activeFiltering([]), { advanced_snippet: {}, rules: [] });
    assert.equal(activeRules([]), []);
    assert.is(activeProblem(filtering(draft([{}]))), null, 'a draft does not matter');
    assert.is(activeProblem([]), null);
    assert.match(
      String(activeProblem([{ domain: 'DEFAULT', active: { rules: [{ id: 'r' }] } }])),
      'cannot be used: Basic rule',
    );
  });
});
