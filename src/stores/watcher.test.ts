import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Store, StoreRecord } from "../core/ports.ts";
import { currentRelease, emptyState, encodeState } from "../core/state.ts";
import { createFakeClock, type FakeClock } from "../testing/fake-clock.ts";
import { createWatcher, type Watcher, type WatcherOptions } from "./watcher.ts";

const record = (version: number, id: string): StoreRecord => ({
  version,
  value: encodeState({ ...emptyState, releases: [{ id, at: 0 }] }),
});

/** A store of which each read is answered by hand. */
function scriptedStore() {
  const reads: {
    readonly knownVersion: number | undefined;
    answer(record: StoreRecord): Promise<void>;
    fail(error: Error): Promise<void>;
  }[] = [];
  let changed: (() => void) | undefined;
  let pushFailure: Error | undefined;
  const settled = async (): Promise<void> => {
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  };
  return {
    reads,
    /** The read that was sent last. */
    get last() {
      const read = reads.at(-1);
      if (read === undefined) throw new Error("nothing was read");
      return read;
    },
    async push() {
      changed?.();
      await settled();
    },
    refusePush(error: Error | undefined) {
      pushFailure = error;
    },
    settled,
    store: {
      read(_app, knownVersion) {
        return new Promise((resolve, reject) => {
          reads.push({
            knownVersion,
            answer: (answer) => (resolve(answer), settled()),
            fail: (error) => (reject(error), settled()),
          });
        });
      },
      write: () => Promise.resolve(false),
      watch(_app, callback) {
        if (pushFailure !== undefined) return Promise.reject(pushFailure);
        changed = callback;
        return Promise.resolve(() => {
          changed = undefined;
          return Promise.resolve();
        });
      },
      close: () => Promise.resolve(),
    } satisfies Store as Store,
  };
}

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
