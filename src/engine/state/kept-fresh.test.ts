import { AsyncLocalStorage } from "node:async_hooks";
import { describe, expect, test } from "vitest";
import { record } from "../../../test/support/scripted-store.ts";
import { startWatch, type Watch } from "../../../test/support/watch.ts";
import { createFakeClock } from "../../testing/fake-clock.ts";

/** A store that answers after so many milliseconds, and whose record never changes. */
function answerAfter({ clock, script }: Watch, milliseconds: number): void {
  const { read } = script.store;
  script.store.read = (app, knownVersion) => {
    const answer = read(app, knownVersion);
    const { last } = script;
    clock.after(milliseconds, () => void last.answer(record(1, "v1")));
    return answer;
  };
}

/** Sends an error every so many milliseconds, and returns how many had to wait. */
async function errorsOf({ watcher, clock }: Watch, seconds: number, every: number): Promise<number> {
  let waited = 0;
  for (let time = 0; time < seconds * 1000; time += every) {
    if (watcher.freshen() !== undefined) waited++;
    await clock.advance(every);
  }
  return waited;
}

describe("an error after which others come", () => {
  test.each([
    ["a store beside it", 0],
    ["a store in the next building", 3],
    ["a store that a migration keeps busy", 100],
  ])("is the last that waits: %s", async (_, took) => {
    const watch = await startWatch();
    answerAfter(watch, took);
    await watch.clock.advance(5000);
    void watch.watcher.freshen();
    await watch.clock.advance(took);
    expect(await errorsOf(watch, 30, 7)).toBe(0);
  });

  test("is the last that waits, where the next one comes much later", async () => {
    const watch = await startWatch();
    answerAfter(watch, 2);
    await watch.clock.advance(5000);
    void watch.watcher.freshen();
    await watch.clock.advance(2);
    expect(await errorsOf(watch, 600, 59_000)).toBe(0);
  });

  test("that found the snapshot fresh has the same effect", async () => {
    const watch = await startWatch();
    answerAfter(watch, 2);
    expect(await errorsOf(watch, 30, 7)).toBe(0);
  });

  test.each([0, 3, 100, 600])(
    "costs the store about a read a second (answers after %i ms), and for a minute",
    async (took) => {
      const watch = await startWatch();
      answerAfter(watch, took);
      const { clock, script, watcher } = watch;
      await clock.advance(5000);
      const before = script.reads.length;
      void watcher.freshen();
      await clock.advance(60_000);
      const during = script.reads.length - before;
      expect(during).toBeGreaterThanOrEqual(60);
      expect(during).toBeLessThanOrEqual(took < 50 ? 62 : 81);
      await clock.advance(60_000);
      expect(script.reads.length - before - during).toBeLessThanOrEqual(8);
    },
  );
});

describe("the snapshot is not kept fresh", () => {
  test("before there was an error", async () => {
    const { clock, script } = await startWatch();
    await clock.advance(8000);
    expect(script.reads).toHaveLength(1);
  });

  test("by errors of a deploy window, which go by any snapshot", async () => {
    const watch = await startWatch();
    answerAfter(watch, 0);
    for (let error = 0; error < 10; error++) void watch.watcher.refreshBehind();
    await watch.clock.advance(8000);
    expect(watch.script.reads).toHaveLength(1);
  });

  test("by a store that answers no more, which is noticed as ever", async () => {
    const watch = await startWatch();
    const { watcher, clock, script } = watch;
    expect(watcher.freshen()).toBeUndefined();
    await clock.advance(999);
    expect(watcher.freshen()).toBeUndefined();
    await clock.advance(1);
    // The background read ahead gets no answer.
    expect(script.reads).toHaveLength(2);
    expect(await watch.isSettled(watcher.freshen())).toBe(false);
    await clock.advance(1000);
    expect(watcher.failing).toBe(true);
  });

  test("by a push that nobody hears: what another instance has written is asked for", async () => {
    const watch = await startWatch();
    answerAfter(watch, 2);
    void watch.watcher.freshen();
    // The pushing connection was cut silently.
    await watch.script.silence();
    watch.script.store.read = () => Promise.resolve(record(2, "v2"));
    await watch.clock.advance(1000);
    expect(watch.current).toBe("v2");
  });

  test("faster than ever by an answer that says nothing", async () => {
    const watch = await startWatch();
    const reads = { count: 0 };
    watch.script.store.read = () => {
      reads.count++;
      return Promise.resolve({ version: 7, unchanged: true });
    };
    void watch.watcher.freshen();
    await watch.clock.advance(10_000);
    expect(reads.count).toBeLessThanOrEqual(11);
  });

  test.each([
    ["where there is no background", { refreshEvery: 0 }],
    ["where a snapshot is fresh for so short a time that it would be read all the time", { freshFor: 20 }],
  ])("%s", async (_, options) => {
    const { watcher, clock, script } = await startWatch(options);
    void watcher.freshen();
    await clock.advance(5000);
    expect(script.reads).toHaveLength(1);
  });

  test("after it was closed", async () => {
    const { watcher, clock, script } = await startWatch();
    void watcher.freshen();
    await watcher.close();
    await clock.advance(5000);
    expect(script.reads).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });
});

test("what keeps it fresh runs in no visitor's context, and keeps no process alive", async () => {
  const visitor = new AsyncLocalStorage<string>();
  const clock = createFakeClock();
  const seen: unknown[] = [];
  const spied = {
    ...clock,
    after: (...parameters: Parameters<typeof clock.after>) => {
      seen.push(visitor.getStore());
      return clock.after(...parameters);
    },
  };
  const { watcher } = await startWatch({ clock: spied });
  seen.splice(0);
  visitor.run("a visitor", () => void watcher.freshen());
  expect(seen).toEqual([undefined]);
  expect(clock.referenced).toBe(0);
});
