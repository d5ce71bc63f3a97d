import { expect, test } from "vitest";
import { watchResults } from "./results.ts";

async function* numbers(): AsyncGenerator<number> {
  yield await Promise.resolve(1);
  yield 2;
  throw new Error("no such table");
}

test("brings the same results, what takes their place, and what takes the place of a failure", async () => {
  const got: number[] = [];
  const watched = watchResults(numbers(), {
    onResult: (result) => result * 10,
    onError: (error) => Promise.resolve(new Error("later", { cause: error })),
  });
  const reading = (async () => {
    for await (const value of watched) got.push(value);
  })();
  await expect(reading).rejects.toMatchObject({ message: "later", cause: { message: "no such table" } });
  expect(got).toEqual([10, 20]);
});

test("a failure stays as it is where nothing takes its place", async () => {
  const watched = watchResults(numbers(), {});
  await watched.next();
  await watched.next();
  await expect(watched.next()).rejects.toThrow("no such table");
});

test("can be ended while it waits for a result that may never come", async () => {
  let ended = false;
  const never: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise<never>(() => undefined),
      return: () => {
        ended = true;
        return Promise.resolve({ done: true as const, value: undefined });
      },
    }),
  };
  const watched = watchResults(never, {});
  void watched.next();
  expect(await watched.return?.()).toEqual({ done: true, value: undefined });
  expect(ended).toBe(true);
});

test("ends, and passes on what is thrown into it, where the iterator can do neither", async () => {
  const bare: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: false, value: 1 }) }),
  };
  expect(await watchResults(bare, {}).return?.()).toEqual({ done: true, value: undefined });
  await expect(watchResults(bare, {}).throw?.(new Error("gone"))).rejects.toThrow("gone");
});
