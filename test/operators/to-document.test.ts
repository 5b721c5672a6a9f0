import { EMPTY, NEVER, of, throwError } from 'rxjs';
import * as assert from 'uvu/assert';
import type { Envelope } from '../../src/core/envelope.js';
import { toDocument } from '../../src/operators/to-document.js';
import type { Change, Found } from '../../src/sources/change.js';
import { Envelopes, goneFile } from '../support/envelopes.js';
import { boxFile, found } from '../support/found.js';
import { marbles } from '../support/marbles.js';
import { suite } from '../support/suite.js';

suite('toDocument()', (test) => {
  const map = ({ item, path }: Found) => ({ title: item.name, path });
  const file = found(boxFile({ id: '1', name: 'a.txt' }), { path: '/a.txt' });

  test('never stays never, empty stays empty, an error of the source passes', () => {
    marbles(({ expectObservable }) => {
      expectObservable(NEVER.pipe(toDocument({ map }))).toBe('-');
      expectObservable(EMPTY.pipe(toDocument({ map }))).toBe('|');
      expectObservable(throwError(() => new Error('x')).pipe(toDocument({ map }))).toBe('#', undefined, new Error('x'));
    });
  });

  test('what was found becomes a draft, in the same envelope; what is gone passes', () => {
    const envelopes = new Envelopes();
    const out: Envelope<unknown>[] = [];
    of<Envelope<Change>[]>(envelopes.of(file), envelopes.of(goneFile))
      .pipe(toDocument({ map }))
      .subscribe((envelope) => out.push(envelope));
    assert.equal(
      out.map(({ value }) => value),
      [{ kind: 'draft', found: file, document: { title: 'a.txt', path: '/a.txt' } }, goneFile],
    );
    assert.equal(envelopes.outcomes, []);
    out[0]?.settle({ kind: 'rejected', reason: 'x' });
    assert.equal(envelopes.outcomes, [{ kind: 'rejected', reason: 'x' }]);
  });

  test('a mapping that throws rejects that item and no other', () => {
    for (const [thrown, reason] of [
      [new Error('field "name" is null'), 'field "name" is null'],
      ['a text', 'a text'],
    ] as const) {
      const envelopes = new Envelopes();
      const out: unknown[] = [];
      const failing = ({ item }: Found) => {
        // Some libraries throw what is no error.
        // eslint-disable-next-line @typescript-eslint/only-throw-error
        if (item.id === '2') throw thrown;
        return { id: item.id };
      };
      of(...['1', '2', '3'].map((id) => envelopes.of<Change>(found(boxFile({ id })))))
        .pipe(toDocument({ map: failing }))
        .subscribe(({ value }) => out.push(value.kind === 'draft' && value.document.id));
      assert.equal(out, ['1', '3']);
      assert.equal(envelopes.outcomes, [{ kind: 'rejected', reason, operation: 'map' }]);
    }
  });

  test('unsubscribing ends the source', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold<Envelope<Change>>('----|');
      expectObservable(source.pipe(toDocument({ map })), '--!').toBe('---');
      expectSubscriptions(source.subscriptions).toBe('^-!');
    });
  });
});
