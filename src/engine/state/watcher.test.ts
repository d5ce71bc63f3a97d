import { describe, expect, test } from "vitest";
import { record } from "../../../test/support/scripted-store.ts";
import { createWatch, startWatch } from "../../../test/support/watch.ts";
import { emptyState } from "../../core/state/state.ts";

describe("the snapshot", () => {
  test("is there once the first read was answered", async () => {
    const watch = await startWatch();
    const { watcher } = watch;
    expect(watch.current).toBe("v1");
    expect(watcher.freshen()).toBeUndefined();
  });

  test("of an empty store says that nothing is recorded", async () => {
    const { watcher, script } = createWatch();
    const first = watcher.start();
    await script.last.answer({ version: 0 });
    await first;
    expect(watcher.snapshot?.state).toEqual(emptyState);
  });

  test("ages from when its read was sent, not from when it was answered", async () => {
    const { watcher, clock, script } = createWatch();
    void watcher.start();
    await clock.advance(600);
    await script.last.answer(record(1, "v1"));
    await clock.advance(399);
    expect(watcher.freshen()).toBeUndefined();
    await clock.advance(1);
    expect(watcher.freshen()).toBeDefined();
  });

  test("is asked for by its version, and stays when that is unchanged", async () => {
    const watch = await startWatch();
    const { watcher, clock, script } = watch;
    await clock.advance(1000);
    void watcher.freshen();
    expect(script.last.knownVersion).toBe(1);
    await script.last.answer({ version: 1, unchanged: true });
    expect(watch.current).toBe("v1");
    expect(watcher.freshen()).toBeUndefined();
  });

  test("goes back with a store that was replaced by an older one", async () => {
    const watch = createWatch();
    const { watcher, clock, script } = watch;
    void watcher.start();
    await script.last.answer(record(5, "v5"));
    await clock.advance(1000);
    void watcher.freshen();
    await script.last.answer(record(2, "v2"));
    expect(watch.current).toBe("v2");
  });

  test("that is wanted anew is not taken from a read that was under way", async () => {
    const watch = createWatch();
    const { watcher, script, isSettled } = watch;
    const first = watcher.start();
    const anew = watcher.refreshAnew();
    await script.last.answer(record(1, "v1"));
    await first;
    expect(script.reads).toHaveLength(2);
    expect(await isSettled(anew)).toBe(false);
    await script.last.answer(record(2, "v2"));
    await anew;
    expect(watch.current).toBe("v2");
  });

  test("is kept, and said to be, when the record is gone", async () => {
    const watch = await startWatch();
    const { watcher, clock, script, failures } = watch;
    await clock.advance(1000);
    void watcher.freshen();
    await script.last.answer({ version: 0 });
    expect(watch.current).toBe("v1");
    expect(failures).toMatchObject([{ code: "store-failed" }]);
  });

  test("carries the difference between the store's clock and this machine's", async () => {
    const { watcher, clock, script } = createWatch();
    void watcher.start();
    await script.last.answer({ ...record(1, "v1"), now: clock.now() - 3_600_000 });
    expect(watcher.snapshot?.storeOffset).toBe(-3_600_000);
  });

  test("is kept when the store holds something that can't be understood", async () => {
    const watch = await startWatch();
    const { watcher, clock, script, failures } = watch;
    await clock.advance(1000);
    void watcher.freshen();
    await script.last.answer({ version: 2, value: "garbage" });
    expect(watch.current).toBe("v1");
    expect(failures).toMatchObject([{ code: "state-unreadable" }]);
  });
});

describe("an error that needs a fresh snapshot", () => {
  test("does not wait while it is fresh", async () => {
    const { watcher, clock, script } = await startWatch();
    await clock.advance(999);
    expect(watcher.freshen()).toBeUndefined();
    expect(script.reads).toHaveLength(1);
  });

  test("shares one read with all others that wait", async () => {
    const watch = await startWatch();
    const { watcher, clock, script } = watch;
    await clock.advance(1000);
    const waits = Array.from({ length: 100 }, () => watcher.freshen());
    expect(script.reads).toHaveLength(2);
    await script.last.answer(record(2, "v2"));
    for (const wait of waits) await wait;
    expect(watch.current).toBe("v2");
  });

  test("waits for its time limit at the most, while the read goes on", async () => {
    const { watcher, clock, script, isSettled } = await startWatch();
    await clock.advance(1000);
    const first = watcher.freshen();
    await clock.advance(200);
    const second = watcher.freshen();
    await clock.advance(49);
    expect(await isSettled(first)).toBe(false);
    await clock.advance(1);
    expect(await isSettled(first)).toBe(true);
    expect(await isSettled(second)).toBe(false);
    await clock.advance(200);
    expect(await isSettled(second)).toBe(true);
    expect(script.reads).toHaveLength(2);
  });

  test("uses an answer that comes late", async () => {
    const watch = await startWatch();
    const { watcher, clock, script, failures } = watch;
    await clock.advance(1000);
    void watcher.freshen();
    await clock.advance(700);
    await script.last.answer(record(2, "v2"));
    expect(watch.current).toBe("v2");
    expect(failures).toEqual([]);
  });

  test("uses an answer that comes after the read was given up", async () => {
    const watch = await startWatch();
    const { watcher, clock, script, failures } = watch;
    await clock.advance(1000);
    void watcher.freshen();
    const slow = script.last;
    await clock.advance(1000);
    expect(failures).toHaveLength(1);
    await slow.answer(record(2, "v2"));
    expect(watch.current).toBe("v2");
  });

  test("does not let an answer that was overtaken turn the snapshot back", async () => {
    const watch = await startWatch();
    const { watcher, clock, script } = watch;
    await clock.advance(1000);
    void watcher.freshen();
    const slow = script.last;
    await clock.advance(2200);
    expect(script.last).not.toBe(slow);
    await script.last.answer(record(3, "v3"));
    await slow.answer(record(2, "v2"));
    expect(watch.current).toBe("v3");
  });

  test("never rejects", async () => {
    const watch = await startWatch();
    const { watcher, clock, script } = watch;
    await clock.advance(1000);
    const wait = watcher.freshen();
    await script.last.fail(new Error("connection refused"));
    await expect(wait).resolves.toBeUndefined();
    expect(watch.current).toBe("v1");
  });
});
