/** Keeps what has to be closed at the end. */
export type Closing = (close: () => void | Promise<void>) => void;

/**
 * Runs `work` and then closes, in reverse order, all that it has asked to be closed: each of them, also if another one
 * could not be. The first error counts, and that of the work before those of closing.
 */
export async function withClosing<T>(work: (closing: Closing) => Promise<T>): Promise<T> {
  const closes: (() => void | Promise<void>)[] = [];
  const errors: unknown[] = [];
  const attempt = async <R>(step: () => R | Promise<R>): Promise<R | undefined> => {
    try {
      return await step();
    } catch (error) {
      errors.push(error);
      return undefined;
    }
  };
  const result = await attempt(() => work((close) => closes.push(close)));
  for (const close of closes.reverse()) await attempt(close);
  if (errors.length > 0) throw errors[0];
  return result as T;
}
