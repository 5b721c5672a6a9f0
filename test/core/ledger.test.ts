import fc from 'fast-check';
import type { Subscription } from 'rxjs';
import * as assert from 'uvu/assert';
import { Ledger } from '../../src/core/ledger.js';
import { suite } from '../support/suite.js';

suite('Ledger', (test) => {
  test('reserve() emits at once while there is room', () => {
    const ledger = new Ledger(10);
    const seen: number[] = [];
    ledger.reserve(6).subscribe((rows) => seen.push(rows));
    assert.equal(seen, [6]);
    assert.is(ledger.outstanding, 6);
  });

  test('reserve() never asks for more than the limit', () => {
    const ledger = new Ledger(10);
    const seen: number[] = [];
    ledger.reserve(1000).subscribe((rows) => seen.push(rows));
    assert.equal(seen, [10]);
  });

  test('reserve() waits for release, first come, first served', () => {
    const ledger = new Ledger(10);
    const seen: string[] = [];
    ledger.reserve(8).subscribe(() => seen.push('a'));
    ledger.reserve(5).subscribe(() => seen.push('b'));
    ledger.reserve(1).subscribe(() => seen.push('c'));
    assert.equal(seen, ['a']);
    assert.is(ledger.waiting, 2);
    ledger.release(3);
    assert.equal(seen, ['a', 'b']);
    ledger.release(1);
    assert.equal(seen, ['a', 'b', 'c']);
    assert.is(ledger.outstanding, 10);
  });

  test('unsubscribing while waiting gives up the place and lets the next in', () => {
    const ledger = new Ledger(10);
    const seen: string[] = [];
    ledger.reserve(8).subscribe(() => seen.push('a'));
    const second = ledger.reserve(5).subscribe(() => seen.push('b'));
    ledger.reserve(2).subscribe(() => seen.push('c'));
    second.unsubscribe();
    assert.equal(seen, ['a', 'c']);
    assert.is(ledger.outstanding, 10);
  });

  test('release() of more than is outstanding throws', () => {
    const ledger = new Ledger(10);
    ledger.reserve(2).subscribe();
    assert.throws(() => ledger.release(3), /Cannot release 3 rows: 2 are outstanding/);
  });

  test('every change is told, also that somebody waits or gives up', () => {
    let seen: (readonly [outstanding: number, waiting: number, forTheEnd: number])[] = [];
    const ledger: Ledger = new Ledger(10, () =>
      seen.push([ledger.outstanding, ledger.waiting, ledger.waitingForEnd] as const),
    );
    ledger.reserve(4).subscribe();
    const waiter = ledger.reserve(8).subscribe();
    waiter.unsubscribe();
    const idle = ledger.empty().subscribe();
    assert.equal(
      [seen[0], seen[1], seen[2], seen[3]],
      [
        [4, 0, 0],
        [4, 1, 0],
        [4, 0, 0],
        [4, 0, 1],
      ],
    );
    seen = [];
    ledger.release(4);
    assert.equal(seen[0], [0, 0, 1]);
    assert.equal([idle.closed, ledger.waitingForEnd], [true, 0]);
  });

  test('a limit that is no whole number is refused', () => {
    assert.throws(() => new Ledger(0), /expected a whole number/);
    assert.throws(() => new Ledger(1.5), /expected a whole number/);
  });

  test('whoever reserves, gives up, releases and waits for the end, in whatever order: within the limit, first come first served', () => {
    interface Model {
      readonly limit: number;
      held: number;
      /** Numbers and rows of those that wait, oldest first. */
      readonly waiting: { readonly who: number; readonly rows: number }[];
      /** Who got in, with how many rows, in order. */
      readonly admitted: (readonly [number, number])[];
      /** Who waits for the last row to be given back, and who has been told. */
      readonly idle: number[];
      readonly told: number[];
      next: number;
    }
    interface Real {
      readonly ledger: Ledger;
      readonly admitted: (readonly [number, number])[];
      readonly told: number[];
      readonly subscriptions: Map<number, Subscription>;
    }
    /** What the ledger must do after each step, written without a queue of closures. */
    const advance = (model: Model) => {
      for (let [next] = model.waiting; next !== undefined; [next] = model.waiting) {
        if (model.held > 0 && model.held + next.rows > model.limit) break;
        model.waiting.shift();
        model.held += next.rows;
        model.admitted.push([next.who, next.rows]);
      }
    };
    const check = (model: Model, { ledger, admitted, told }: Real) => {
      assert.equal([ledger.outstanding, ledger.waiting], [model.held, model.waiting.length]);
      assert.equal(admitted, model.admitted);
      assert.equal(told, model.told);
      assert.ok(ledger.outstanding <= model.limit);
    };
    type Command = fc.Command<Model, Real>;
    const command = (name: string, isPossible: (model: Model) => boolean, run: Command['run']): Command => ({
      check: isPossible,
      run: (model, real) => {
        run(model, real);
        check(model, real);
      },
      toString: () => name,
    });
    const reserve = (wanted: number) =>
      command(
        `reserve(${wanted})`,
        () => true,
        (model, { ledger, admitted, subscriptions }) => {
          const who = model.next++;
          model.waiting.push({ who, rows: Math.min(wanted, model.limit) });
          advance(model);
          const subscription = ledger.reserve(wanted).subscribe((rows) => admitted.push([who, rows]));
          subscriptions.set(who, subscription);
        },
      );
    const giveUp = (dice: number) =>
      command(
        `give up the place of waiter ${dice}`,
        ({ waiting }) => waiting.length > 0,
        (model, { subscriptions }) => {
          const [waiter] = model.waiting.splice(dice % model.waiting.length, 1);
          advance(model);
          subscriptions.get(waiter?.who ?? -1)?.unsubscribe();
        },
      );
    const leaveAfter = (dice: number) =>
      command(
        `unsubscribe admitted ${dice}`,
        ({ admitted }) => admitted.length > 0,
        (model, { subscriptions }) => {
          // The rows are the subscriber's until it releases them.
          subscriptions.get(model.admitted[dice % model.admitted.length]?.[0] ?? -1)?.unsubscribe();
        },
      );
    const release = (share: number) =>
      command(
        `release(${share})`,
        ({ held }) => held > 0,
        (model, { ledger }) => {
          const rows = Math.max(1, Math.floor(model.held * share));
          model.held -= rows;
          advance(model);
          if (model.held === 0) model.told.push(...model.idle.splice(0));
          ledger.release(rows);
        },
      );
    const releaseTooMany = (more: number) =>
      command(
        `release ${more} too many`,
        () => true,
        ({ held }, { ledger }) => {
          assert.throws(() => ledger.release(held + more), /Cannot release/);
        },
      );
    const waitForEnd = () =>
      command(
        'empty()',
        () => true,
        (model, { ledger, told }) => {
          const who = model.next++;
          if (model.held === 0) model.told.push(who);
          else model.idle.push(who);
          ledger.empty().subscribe(() => told.push(who));
        },
      );
    const dice = fc.nat({ max: 50 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.commands(
          [
            fc.integer({ min: 1, max: 30 }).map(reserve),
            dice.map(giveUp),
            dice.map(leaveAfter),
            fc.double({ min: 0, max: 1, noNaN: true }).map(release),
            fc.integer({ min: 1, max: 5 }).map(releaseTooMany),
            fc.constant(waitForEnd()),
          ],
          { size: 'large' },
        ),
        (limit, commands) => {
          fc.modelRun(
            () => ({
              model: { limit, held: 0, waiting: [], admitted: [], idle: [], told: [], next: 0 },
              real: { ledger: new Ledger(limit), admitted: [], told: [], subscriptions: new Map() },
            }),
            commands,
          );
        },
      ),
      { numRuns: 60 },
    );
  });
});
