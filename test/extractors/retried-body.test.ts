import * as assert from 'uvu/assert';
import { limitedBytes } from '../../src/extractors/limited-bytes.js';
import { retriedBody } from '../../src/extractors/retried-body.js';
import { AbortedError, PermanentError, TransientError } from '../../src/core/errors.js';
import { never, rejection } from '../support/fake-http.js';
import { HastyClock } from '../support/hasty-clock.js';
import { suite } from '../support/suite.js';

type Body = readonly (string | Error)[];

async function* stream(body: Body): AsyncGenerator<Uint8Array> {
  for (const piece of body) {
    await Promise.resolve();
    if (piece instanceof Error) throw piece;
    yield Buffer.from(piece);
  }
}

async function textOf(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const chunk of bytes) text += Buffer.from(chunk).toString();
  return text;
}

suite('retriedBody()', (test) => {
  const cut = () => new TransientError('The answer was cut');
  const policy = () => ({ random: () => 0.5, clock: new HastyClock(), maxAttempts: 3 });
  /** Each opening takes the next body; the last stays. */
  const setUp = (...bodies: Body[]) => {
    const repeats: unknown[] = [];
    const open = async (_: AbortSignal, repeat: unknown) => {
      await Promise.resolve();
      repeats.push(repeat);
      return stream(bodies[Math.min(repeats.length, bodies.length) - 1] ?? []);
    };
    return { open, repeats };
  };

  test('a body that is whole is read once', async () => {
    const { open, repeats } = setUp(['a', 'b']);
    assert.is(await retriedBody(open, textOf, policy(), never), 'ab');
    assert.equal(repeats, [undefined]);
  });

  test('one that is cut is opened and read anew from its beginning', async () => {
    const { open, repeats } = setUp(['a', cut()], [cut()], ['a', 'b']);
    assert.is(await retriedBody(open, textOf, policy(), never), 'ab');
    assert.equal(repeats, [undefined, 'network', 'network']);
  });

  test('whatever the reader makes of the cut: another error, or a text', async () => {
    for (const read of [
      (bytes: AsyncIterable<Uint8Array>) =>
        textOf(bytes).catch((error: unknown) => Promise.reject(new Error(`parser: ${String(error)}`))),
      (bytes: AsyncIterable<Uint8Array>) => textOf(bytes).catch(() => 'half'),
    ]) {
      const { open } = setUp(['a', cut()], ['a', 'b']);
      assert.is(await retriedBody(open, read, policy(), never), 'ab');
    }
  });

  test('it ends with the cut, after so many tries', async () => {
    const { open, repeats } = setUp(['a', cut()]);
    const error = await rejection(retriedBody(open, textOf, policy(), never));
    assert.instance(error, TransientError);
    assert.match(error.message, /^The answer was cut \(tried 3 times in /);
    assert.is(repeats.length, 3);
  });

  test('fewer bytes than listed are a cut; others than listed are asked for once more only', async () => {
    const listed = { maxBytes: 10, size: 2, sha1: 'da23614e02469a0d7c7bd1bdab5c9c474b1904dc' };
    for (const [body, tries] of [
      ['a', 3],
      ['ac', 2],
      ['abc', 2],
    ] as const) {
      const { open, repeats } = setUp([body]);
      const limited = async (signal: AbortSignal, repeat: unknown) => limitedBytes(await open(signal, repeat), listed);
      assert.match((await rejection(retriedBody(limited, textOf, policy(), never))).message, /expected the listed/);
      assert.is(repeats.length, tries, body);
      const mended = setUp([body], ['ab']);
      const again = async (signal: AbortSignal, repeat: unknown) =>
        limitedBytes(await mended.open(signal, repeat), listed);
      assert.is(await retriedBody(again, textOf, policy(), never), 'ab');
    }
  });

  test('what is not the fault of the body is not tried again: opening, the reader, a limit, an abort', async () => {
    const refused = new TransientError('503');
    assert.is(await rejection(retriedBody(() => Promise.reject(refused), textOf, policy(), never)), refused);
    for (const fault of [new TransientError('Tika is down'), new Error('parser')]) {
      const { open, repeats } = setUp(['a']);
      const read = async (bytes: AsyncIterable<Uint8Array>) => {
        await textOf(bytes);
        throw fault;
      };
      assert.is(await rejection(retriedBody(open, read, policy(), never)), fault);
      assert.is(repeats.length, 1);
    }
    for (const fault of [new PermanentError('too long'), new AbortedError()]) {
      const { open, repeats } = setUp(['a', fault]);
      assert.is(await rejection(retriedBody(open, textOf, policy(), never)), fault);
      assert.is(repeats.length, 1);
    }
  });

  test('without a policy it is read once', async () => {
    const { open, repeats } = setUp(['a', cut()], ['ab']);
    assert.is((await rejection(retriedBody(open, textOf, undefined, never))).message, 'The answer was cut');
    assert.is(repeats.length, 1);
  });
});
