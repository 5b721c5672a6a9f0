import { NEVER, type Observable, from, lastValueFrom, of, tap, throwError } from 'rxjs';
import * as assert from 'uvu/assert';
import { pump } from '../../src/core/pump.js';
import { marbles } from '../support/marbles.js';
import { suite } from '../support/suite.js';

suite('pump()', (test) => {
  const queue = (...tasks: string[]) => {
    const waiting = [...tasks];
    return { take: () => waiting.shift(), add: (...more: string[]) => waiting.push(...more), waiting };
  };

  test('completes at once when there is nothing to do', () => {
    marbles(({ expectObservable }) => {
      expectObservable(pump(queue().take, () => NEVER, 2)).toBe('|');
    });
  });

  test('runs no more than `concurrency` tasks at once, in order', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const a = cold('  --a|');
      const b = cold('  -----b|');
      const c = cold('  -c|');
      const tasks: Record<string, Observable<string>> = { a, b, c };
      const pumped = pump(queue('a', 'b', 'c').take, (task) => tasks[task]!, 2);
      expectObservable(pumped).toBe('--a-cb|');
      expectSubscriptions(a.subscriptions).toBe('^--!');
      expectSubscriptions(b.subscriptions).toBe('^-----!');
      expectSubscriptions(c.subscriptions).toBe('---^-!');
    });
  });

  test('takes tasks that appear with a value, while the task that brought them goes on', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const tasks = queue('root');
      const child = cold('--c|');
      const root = cold('-r----|');
      const pumped = pump(
        tasks.take,
        (task) => {
          if (task === 'child') return child;
          tasks.add('child');
          return root;
        },
        1 + 1,
      );
      expectObservable(pumped).toBe('-rc---|', { r: 'r', c: 'c' });
      expectSubscriptions(child.subscriptions).toBe('^--!');
    });
  });

  test('takes tasks that appear when the last one under way has ended', () => {
    const tasks = queue('a');
    const seen: string[] = [];
    let rounds = 0;
    pump(
      tasks.take,
      (task) => {
        if (rounds++ < 3) tasks.add(`${task}+`);
        return of(task);
      },
      1,
    ).subscribe((task) => seen.push(task));
    assert.equal(seen, ['a', 'a+', 'a++', 'a+++']);
  });

  test('50,000 synchronous tasks do not overflow the stack, and let others have a turn between them', async () => {
    let next = 0;
    let seen = 0;
    let turns = 0;
    const turn = () => {
      turns += 1;
      if (seen < 50_000) setImmediate(turn);
    };
    setImmediate(turn);
    await lastValueFrom(
      pump(
        () => (next < 50_000 ? ++next : undefined),
        (task) => of(task),
        3,
      ).pipe(tap(() => (seen += 1))),
    );
    assert.is(seen, 50_000);
    assert.ok(turns >= 50, `${turns} turns`);
  });

  test('tasks that end within microtasks let others have a turn as well', async () => {
    let next = 0;
    let heardAt = Number.POSITIVE_INFINITY;
    setImmediate(() => (heardAt = next));
    await lastValueFrom(
      pump(
        () => (next < 5_000 ? ++next : undefined),
        (task) => from(Promise.resolve(task)),
        2,
      ),
    );
    assert.ok(heardAt <= 600, `${heardAt} tasks before anybody else had a turn`);
  });

  test('unsubscribing between two turns takes nothing more', async () => {
    let next = 0;
    const subscription = pump(
      () => ++next,
      (task) => of(task),
      1,
    ).subscribe();
    const taken = next;
    subscription.unsubscribe();
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    assert.is(next, taken);
  });

  test('the first error ends it and cancels what is under way', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const a = cold('-----a|');
      const b = cold('--#');
      const tasks: Record<string, Observable<string>> = { a, b };
      expectObservable(pump(queue('a', 'b').take, (task) => tasks[task]!, 2)).toBe('--#');
      expectSubscriptions(a.subscriptions).toBe('^-!');
    });
  });

  test('an exception in take or in work is an error', () => {
    const errors: unknown[] = [];
    const error = (cause: unknown) => errors.push(cause);
    pump(
      () => {
        throw new Error('take');
      },
      () => NEVER,
      1,
    ).subscribe({ error });
    pump(
      () => 1,
      () => {
        throw new Error('work');
      },
      1,
    ).subscribe({ error });
    pump(queue('a').take, () => throwError(() => new Error('inner')), 1).subscribe({ error });
    assert.equal(
      errors.map((cause) => (cause as Error).message),
      ['take', 'work', 'inner'],
    );
  });

  test('unsubscribing cancels what is under way and takes nothing more', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const a = cold('--a--a--a|');
      const tasks = queue('a', 'b');
      expectObservable(
        pump(tasks.take, () => a, 1),
        '---!',
      ).toBe('--a-');
      expectSubscriptions(a.subscriptions).toBe('^--!');
    });
  });
});
