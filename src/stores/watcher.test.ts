import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { record, scriptedStore } from "../../test/support/scripted-store.ts";
import { currentRelease, emptyState } from "../core/state.ts";
import { createFakeClock, type FakeClock } from "../testing/fake-clock.ts";
import { createWatcher, type Watcher, type WatcherOptions } from "./watcher.ts";

let clock: FakeClock;
let script: ReturnType<typeof scriptedStore>;
let failures: unknown[];
let pushFailures: unknown[];
let watcher: Watcher;

const make = (options: Partial<WatcherOptions> = {}): Watcher =>
  (watcher = createWatcher({
    store: script.store,
    app: "default",
    clock,
    refreshEvery: 10_000,
    freshFor: 1000,
    readTimeout: 250,
    onReadFailure: (error) => failures.push(error),
    onPushFailure: (error) => pushFailures.push(error),
    ...options,
  }));

const current = (): string | undefined => watcher.snapshot && currentRelease(watcher.snapshot.state)?.id;

/** Whether a promise is settled by now. */
async function isSettled(promise: Promise<void> | undefined): Promise<boolean> {
  let settled = false;
  void promise?.then(() => (settled = true));
  await script.settled();
  return settled;
}

beforeEach(() => {
  clock = createFakeClock();
  script = scriptedStore();
  failures = [];
  pushFailures = [];
});

afterEach(async () => {
  await watcher.close();
  expect(clock.pending, "a closed watcher leaves no timer of its own").toBeLessThanOrEqual(2);
});

/** A watcher that has read `v1` at version 1. */
async function started(options: Partial<WatcherOptions> = {}): Promise<Watcher> {
  make(options);
  const first = watcher.start();
  await script.last.answer(record(1, "v1"));
  await first;
  return watcher;
}

describe("the snapshot", () => {
  test("is there once the first read was answered", async () => {
    await started();
    expect(current()).toBe("v1");
    expect(watcher.isFresh).toBe(true);
  });

  test("of an empty store says that nothing is recorded", async () => {
    make();
    const first = watcher.start();
    await script.last.answer({ version: 0 });
    await first;
    expect(watcher.snapshot?.state).toEqual(emptyState);
  });

  test("ages from when its read was sent, not from when it was answered", async () => {
    make();
    void watcher.start();
    await clock.advance(600);
    await script.last.answer(record(1, "v1"));
    await clock.advance(399);
    expect(watcher.isFresh).toBe(true);
    await clock.advance(1);
    expect(watcher.isFresh).toBe(false);
  });

  test("is asked for by its version, and stays when that is unchanged", async () => {
    await started();
    await clock.advance(1000);
    void watcher.freshen();
    expect(script.last.knownVersion).toBe(1);
    await script.last.answer({ version: 1, unchanged: true });
    expect(current()).toBe("v1");
    expect(watcher.isFresh).toBe(true);
  });

  test("goes back with a store that was replaced by an older one", async () => {
    make();
    void watcher.start();
    await script.last.answer(record(5, "v5"));
    await clock.advance(1000);
    void watcher.freshen();
    await script.last.answer(record(2, "v2"));
    expect(current()).toBe("v2");
  });

  test("is kept, and said to be, when the record is gone", async () => {
    await started();
    await clock.advance(1000);
    void watcher.freshen();
    await script.last.answer({ version: 0 });
    expect(current()).toBe("v1");
    expect(failures).toMatchObject([{ code: "store-failed" }]);
  });

  test("carries the difference between the store's clock and this machine's", async () => {
    make();
    void watcher.start();
    await script.last.answer({ ...record(1, "v1"), now: clock.now() - 3_600_000 });
    expect(watcher.snapshot?.storeOffset).toBe(-3_600_000);
  });

  test("is kept when the store holds something that can't be understood", async () => {
    await started();
    await clock.advance(1000);
    void watcher.freshen();
    await script.last.answer({ version: 2, value: "garbage" });
    expect(current()).toBe("v1");
    expect(failures).toMatchObject([{ code: "state-unreadable" }]);
  });
});

describe("an error that needs a fresh snapshot", () => {
  test("does not wait while it is fresh", async () => {
    await started();
    await clock.advance(999);
    expect(watcher.freshen()).toBeUndefined();
    expect(script.reads).toHaveLength(1);
  });

  test("shares one read with all others that wait", async () => {
    await started();
    await clock.advance(1000);
    const waits = Array.from({ length: 100 }, () => watcher.freshen());
    expect(script.reads).toHaveLength(2);
    await script.last.answer(record(2, "v2"));
    for (const wait of waits) await wait;
    expect(current()).toBe("v2");
  });

  test("waits for its time limit at the most, while the read goes on", async () => {
    await started();
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
    await started();
    await clock.advance(1000);
    void watcher.freshen();
    await clock.advance(700);
    await script.last.answer(record(2, "v2"));
    expect(current()).toBe("v2");
    expect(failures).toEqual([]);
  });

  test("uses an answer that comes after the read was given up", async () => {
    await started();
    await clock.advance(1000);
    void watcher.freshen();
    const slow = script.last;
    await clock.advance(1000);
    expect(failures).toHaveLength(1);
    await slow.answer(record(2, "v2"));
    expect(current()).toBe("v2");
  });

  test("does not let an answer that was overtaken turn the snapshot back", async () => {
    await started();
    await clock.advance(1000);
    void watcher.freshen();
    const slow = script.last;
    await clock.advance(2200);
    expect(script.last).not.toBe(slow);
    await script.last.answer(record(3, "v3"));
    await slow.answer(record(2, "v2"));
    expect(current()).toBe("v3");
  });

  test("never rejects", async () => {
    await started();
    await clock.advance(1000);
    const wait = watcher.freshen();
    await script.last.fail(new Error("connection refused"));
    await expect(wait).resolves.toBeUndefined();
    expect(current()).toBe("v1");
  });
});
