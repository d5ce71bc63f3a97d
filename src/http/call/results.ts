/** Hooks for what an iterable yields. */
export interface ResultWatcher<Result> {
  /** Replaces a result. */
  readonly onResult?: (result: Result) => Result | Promise<Result>;
  /** Replaces an error. */
  readonly onError?: (error: unknown) => Promise<unknown>;
}

/**
 * The same results, watched. Not a generator: a generator that waits for its next value can't be ended before
 * it comes, so a client that has left would keep a subscription alive.
 */
export function watchResults<Result>(
  results: AsyncIterable<Result>,
  { onResult = (result) => result, onError }: ResultWatcher<Result>,
): AsyncIterableIterator<Result> {
  const iterator = results[Symbol.asyncIterator]();

  async function watched(next: Promise<IteratorResult<Result>>): Promise<IteratorResult<Result>> {
    let result: IteratorResult<Result>;
    try {
      result = await next;
    } catch (error) {
      throw onError === undefined ? error : await onError(error);
    }
    return result.done === true ? result : { done: false, value: await onResult(result.value) };
  }

  return {
    next: () => watched(iterator.next()),
    return: (value?: unknown) =>
      iterator.return?.(value) ?? Promise.resolve({ done: true, value: undefined }),
    throw: (error: unknown) => watched(iterator.throw?.(error) ?? rejected(error)),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

async function rejected(error: unknown): Promise<never> {
  throw error;
}

export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}
