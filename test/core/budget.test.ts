import fc from 'fast-check';
import { type Subscription, firstValueFrom } from 'rxjs';
import * as assert from 'uvu/assert';
import { Budget, type Hold } from '../../src/core/budget.js';
import { suite } from '../support/suite.js';

/** Acquires and remembers by name who got in, with what gives it back. */
function users(budget: Budget) {
  const admitted: string[] = [];
  const release = new Map<string, () => void>();
  const acquire = (name: string, bytes: number) =>
    budget.acquire(bytes).subscribe((hold) => {
      admitted.push(name);
      release.set(name, () => hold.release());
    });
  return { admitted, release, acquire };
}

suite(
  'Budget',
  (test) => {
    test('admits while there is room, then in the order they came', () => {
      const budget = new Budget(10);
      const { admitted, release, acquire } = users(budget);
      acquire('a', 6);
      acquire('b', 5);
      acquire('c', 1);
      assert.equal(admitted, ['a']);
      assert.is(budget.waiting, 2);
      release.get('a')?.();
      assert.equal(admitted, ['a', 'b', 'c']);
      assert.is(budget.held, 6);
    });

    test('what is heavier than all of it is admitted alone', () => {
      const budget = new Budget(10);
      const { admitted, release, acquire } = users(budget);
      acquire('small', 1);
      acquire('huge', 50);
      acquire('next', 1);
      assert.equal(admitted, ['small']);
      release.get('small')?.();
      assert.equal(admitted, ['small', 'huge']);
      assert.is(budget.held, 50);
      release.get('huge')?.();
      assert.equal(admitted, ['small', 'huge', 'next']);
    });

    test('giving back twice counts once', () => {
      const budget = new Budget(10);
      const { release, acquire } = users(budget);
      acquire('a', 4);
      acquire('b', 4);
      release.get('a')?.();
      release.get('a')?.();
      assert.is(budget.held, 4);
    });

    test('unsubscribing while it waits gives up the place and lets the next in', () => {
      const budget = new Budget(10);
      const { admitted, acquire } = users(budget);
      acquire('a', 8);
      const waiting = acquire('b', 5);
      acquire('c', 2);
      waiting.unsubscribe();
      assert.equal(admitted, ['a', 'c']);
      assert.is(budget.held, 10);
      assert.is(budget.waiting, 0);
    });

    test('unsubscribing after admission keeps the bytes until they are given back', () => {
      const budget = new Budget(10);
      const { release, acquire } = users(budget);
      acquire('a', 8).unsubscribe();
      assert.is(budget.held, 8);
      release.get('a')?.();
      assert.is(budget.held, 0);
    });

    test('an empty file needs no room', () => {
      const budget = new Budget(10);
      const { admitted, acquire } = users(budget);
      acquire('full', 10);
      acquire('empty', 0);
      assert.equal(admitted, ['full', 'empty']);
    });

    test('refuses a limit that is none', () => {
      for (const limit of [0, -1, NaN, Infinity]) assert.throws(() => new Budget(limit), /expected a number/);
    });

    test('those that grow go before those that begin, and one of them goes beyond the limit where none could end', async () => {
      const budget = new Budget(10);
      const holds: Hold[] = [];
      for (const bytes of [4, 4]) budget.acquire(bytes).subscribe((hold) => holds.push(hold));
      const [a, b] = holds;
      const order: string[] = [];
      const never = new AbortController().signal;
      budget.acquire(2).subscribe(() => order.push('begins'));
      assert.equal(order, ['begins']);
      const growing = [a?.grow(8, never).then(() => order.push('a')), b?.grow(9, never).then(() => order.push('b'))];
      budget.acquire(1).subscribe(() => order.push('next'));
      await growing[0];
      assert.equal([order, budget.held, budget.waiting], [['begins', 'a'], 14, 2]);
      a?.release();
      await growing[1];
      assert.equal([order, budget.held], [['begins', 'a', 'b'], 11]);
      b?.release();
      assert.equal([order, budget.held, budget.waiting, budget.peak], [['begins', 'a', 'b', 'next'], 3, 0, 14]);
    });

    test('an abort ends a wait to grow; shrinking gives back at once', async () => {
      const budget = new Budget(10);
      const holds: Hold[] = [];
      for (const bytes of [5, 5]) budget.acquire(bytes).subscribe((hold) => holds.push(hold));
      const [a, b] = holds;
      const controller = new AbortController();
      await a?.grow(20, controller.signal);
      const waiting = b?.grow(6, controller.signal).catch((error: unknown) => (error as Error).name);
      controller.abort();
      assert.equal([await waiting, budget.waiting, budget.held], ['AbortedError', 0, 25]);
      a?.shrink(1);
      a?.shrink(3);
      assert.equal([budget.held, a?.bytes], [6, 1]);
      a?.release();
      b?.release();
      assert.is(budget.held, 0);
    });

    test('a million that are admitted from within one another need no more stack than one', () => {
      const budget = new Budget(1);
      let left = 1_000_000;
      const again = (hold: Hold): void => {
        left -= 1;
        if (left > 0) budget.acquire(1).subscribe(again);
        hold.release();
      };
      budget.acquire(1).subscribe(again);
      assert.equal([left, budget.held, budget.waiting], [0, 0, 0]);
    });

    test('random holds that grow, shrink and end: all get in, and no more is held than the limit and one hold', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 1, max: 50 }),
          fc.array(fc.record({ bytes: fc.nat(60), grow: fc.array(fc.nat(90), { maxLength: 4 }), wait: fc.nat(3) }), {
            minLength: 1,
            maxLength: 40,
          }),
          async (limit, tasks) => {
            const budget = new Budget(limit);
            const never = new AbortController().signal;
            let largest = 0;
            await Promise.all(
              tasks.map(async ({ bytes, grow, wait }) => {
                const hold = await firstValueFrom(budget.acquire(bytes));
                for (const total of grow) {
                  await hold.grow(total, never);
                  largest = Math.max(largest, hold.bytes);
                  for (let turn = 0; turn < wait; turn += 1) await Promise.resolve();
                }
                largest = Math.max(largest, bytes);
                hold.release();
              }),
            );
            assert.equal([budget.held, budget.waiting], [0, 0]);
            assert.ok(budget.peak <= limit + largest, `${budget.peak} of ${limit}, the largest ${largest}`);
          },
        ),
        { numRuns: 200 },
      );
    });

    test('whoever acquires, gives up and gives back, in whatever order: within the limit or one alone, first come first served', () => {
      interface Taken {
        readonly name: string;
        readonly bytes: number;
      }
      interface Model {
        readonly limit: number;
        readonly waiting: Taken[];
        /** Who holds bytes now. */
        readonly holding: Taken[];
        readonly admitted: string[];
        next: number;
      }
      type Real = ReturnType<typeof users> & { budget: Budget; subscriptions: Map<string, Subscription> };
      type Command = fc.Command<Model, Real>;
      const heldIn = ({ holding }: Model) => holding.reduce((sum, { bytes }) => sum + bytes, 0);
      const advance = (model: Model) => {
        for (let [next] = model.waiting; next !== undefined; [next] = model.waiting) {
          if (heldIn(model) > 0 && heldIn(model) + next.bytes > model.limit) break;
          model.waiting.shift();
          model.holding.push(next);
          model.admitted.push(next.name);
        }
      };
      const command = (name: string, isPossible: (model: Model) => boolean, run: Command['run']): Command => ({
        check: isPossible,
        run: (model, real) => {
          run(model, real);
          const { budget, admitted } = real;
          assert.equal([budget.held, budget.waiting], [heldIn(model), model.waiting.length]);
          assert.equal(admitted, model.admitted);
          // What has no bytes may stand beside the one that is heavier than all of it.
          const heavy = model.holding.filter(({ bytes }) => bytes > 0);
          assert.ok(budget.held <= model.limit || heavy.length === 1, `${budget.held} bytes held`);
        },
        toString: () => name,
      });
      const acquire = (bytes: number) =>
        command(
          `acquire(${bytes})`,
          () => true,
          (model, { acquire: really, subscriptions }) => {
            const name = String(model.next++);
            model.waiting.push({ name, bytes });
            advance(model);
            subscriptions.set(name, really(name, bytes));
          },
        );
      const giveUp = (dice: number) =>
        command(
          `give up the place of waiter ${dice}`,
          ({ waiting }) => waiting.length > 0,
          (model, { subscriptions }) => {
            const [waiter] = model.waiting.splice(dice % model.waiting.length, 1);
            advance(model);
            subscriptions.get(waiter?.name ?? '')?.unsubscribe();
          },
        );
      const giveBack = (dice: number) =>
        command(
          `give back what holder ${dice} has`,
          ({ holding }) => holding.length > 0,
          (model, { release }) => {
            const [holder] = model.holding.splice(dice % model.holding.length, 1);
            advance(model);
            release.get(holder?.name ?? '')?.();
          },
        );
      const giveBackAgain = (dice: number) =>
        command(
          `give back twice what ${dice} had`,
          ({ admitted, holding }) => admitted.length > holding.length,
          ({ admitted, holding }, { release }) => {
            const done = admitted.filter((name) => !holding.some((holder) => holder.name === name));
            release.get(done[dice % done.length] ?? '')?.();
          },
        );
      const dice = fc.nat({ max: 50 });
      fc.assert(
        fc.property(
          fc.integer({ min: 1, max: 20 }),
          fc.commands(
            [
              fc.integer({ min: 0, max: 30 }).map(acquire),
              dice.map(giveUp),
              dice.map(giveBack),
              dice.map(giveBackAgain),
            ],
            { size: 'large' },
          ),
          (limit, commands) => {
            fc.modelRun(() => {
              const budget = new Budget(limit);
              return {
                model: { limit, waiting: [], holding: [], admitted: [], next: 0 },
                real: { budget, ...users(budget), subscriptions: new Map<string, Subscription>() },
              };
            }, commands);
          },
        ),
        { numRuns: 60 },
      );
    });
  },
  { timeoutMs: 30_000 },
);
