import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { record, scriptedStore } from "../../test/support/scripted-store.ts";
import { currentRelease } from "../core/state.ts";
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

describe("a store that is down", () => {
  async function down(): Promise<void> {
    await started();
    await clock.advance(1000);
    void watcher.freshen();
    await script.last.fail(new Error("connection refused"));
  }

  test("is waited for by nobody, once that is known", async () => {
    await down();
    for (let error = 0; error < 100; error++) expect(watcher.freshen()).toBeUndefined();
    expect(script.reads).toHaveLength(2);
  });

  test("is asked again in the background at most once a second", async () => {
    await down();
    const before = script.reads.length;
    for (let second = 0; second < 30; second++) {
      await clock.advance(1000);
      await script.last.fail(new Error("connection refused"));
      expect(watcher.freshen()).toBeUndefined();
      watcher.refreshBehind();
    }
    expect(script.reads.length - before).toBeLessThanOrEqual(30);
    expect(script.reads.length - before).toBeGreaterThanOrEqual(20);
  });

  test("is known to be back within two seconds", async () => {
    await down();
    await clock.advance(1200);
    await script.last.answer(record(2, "v2"));
    expect(current()).toBe("v2");
    expect(watcher.isFresh).toBe(true);
  });

  test("that never answers is given up after a second, and asked again", async () => {
    await started();
    await clock.advance(1000);
    void watcher.freshen();
    await clock.advance(1000);
    expect(failures).toMatchObject([{ code: "store-failed" }]);
    await clock.advance(200);
    expect(script.reads).toHaveLength(3);
  });

  test("that never answers has a bounded number of reads under way", async () => {
    make();
    void watcher.start();
    await clock.advance(60_000);
    expect(script.reads.length).toBeLessThanOrEqual(3);
    expect(failures.length).toBeGreaterThan(20);
  });

  test("from the start leaves errors waiting once, not each time", async () => {
    make();
    const first = watcher.start();
    expect(await isSettled(watcher.freshen())).toBe(false);
    await script.last.fail(new Error("connection refused"));
    await first;
    expect(watcher.freshen()).toBeUndefined();
    expect(watcher.snapshot).toBeUndefined();
  });
});

describe("the background", () => {
  test("reads about every ten seconds, with jitter", async () => {
    clock = createFakeClock({ random: () => 1 });
    await started();
    await clock.advance(10_999);
    expect(script.reads).toHaveLength(1);
    await clock.advance(1);
    expect(script.reads).toHaveLength(2);
    await watcher.close();

    script = scriptedStore();
    clock = createFakeClock({ random: () => 0 });
    await started();
    await clock.advance(9000);
    expect(script.reads).toHaveLength(2);
  });

  test("is silent when switched off", async () => {
    await started({ refreshEvery: 0 });
    await clock.advance(3_600_000);
    expect(script.reads).toHaveLength(1);
  });

  test("has no timer that keeps the process alive", async () => {
    await started();
    expect(clock.referenced).toBe(0);
  });

  test("reads nothing after it was closed", async () => {
    await started();
    await watcher.close();
    await clock.advance(60_000);
    expect(watcher.freshen()).toBeUndefined();
    watcher.refreshBehind();
    expect(script.reads).toHaveLength(1);
  });

  test("refreshes a stale snapshot without anyone waiting, at most once a second", async () => {
    await started();
    await clock.advance(1000);
    for (let error = 0; error < 100; error++) watcher.refreshBehind();
    expect(script.reads).toHaveLength(2);
    await script.last.answer({ version: 1, unchanged: true });
    for (let error = 0; error < 100; error++) watcher.refreshBehind();
    expect(script.reads).toHaveLength(2);
  });
});

describe("push", () => {
  test("refreshes at once", async () => {
    await started();
    await script.push();
    await script.last.answer(record(2, "v2"));
    expect(current()).toBe("v2");
  });

  test("during a read has another one follow it", async () => {
    await started();
    await script.push();
    await script.push();
    expect(script.reads).toHaveLength(2);
    await script.last.answer(record(1, "v1"));
    expect(script.reads).toHaveLength(3);
    await script.last.answer(record(2, "v2"));
    expect(current()).toBe("v2");
    expect(script.reads).toHaveLength(3);
  });

  test("that can't be had is said, and tried again after the next good read", async () => {
    script.refusePush(new Error("no listener for you"));
    await started();
    await script.settled();
    expect(pushFailures).toHaveLength(1);
    script.refusePush(undefined);
    await clock.advance(1000);
    void watcher.freshen();
    await script.last.answer({ version: 1, unchanged: true });
    await script.push();
    expect(script.reads).toHaveLength(3);
  });

  test("after closing is ignored", async () => {
    await started();
    await watcher.close();
    await script.push();
    expect(script.reads).toHaveLength(1);
  });
});
