import { describe, expect, test } from "vitest";
import { record } from "../../../test/support/scripted-store.ts";
import { createWatch, startWatch, type Watch } from "../../../test/support/watch.ts";

describe("a store that is down", () => {
  async function down(): Promise<Watch> {
    const watch = await startWatch();
    const { watcher, clock, script } = watch;
    await clock.advance(1000);
    void watcher.freshen();
    await script.last.fail(new Error("connection refused"));
    return watch;
  }

  test("is waited for by nobody, once that is known", async () => {
    const { watcher, script } = await down();
    for (let error = 0; error < 100; error++) expect(watcher.freshen()).toBeUndefined();
    expect(script.reads).toHaveLength(2);
  });

  test("is asked again in the background at most once a second", async () => {
    const { watcher, clock, script } = await down();
    const before = script.reads.length;
    for (let second = 0; second < 30; second++) {
      await clock.advance(1000);
      await script.last.fail(new Error("connection refused"));
      expect(watcher.freshen()).toBeUndefined();
      void watcher.refreshBehind();
    }
    expect(script.reads.length - before).toBeLessThanOrEqual(30);
    expect(script.reads.length - before).toBeGreaterThanOrEqual(20);
  });

  test("is known to be back within two seconds", async () => {
    const watch = await down();
    const { watcher, clock, script } = watch;
    await clock.advance(1200);
    await script.last.answer(record(2, "v2"));
    expect(watch.current).toBe("v2");
    expect(watcher.freshen()).toBeUndefined();
  });

  test("that never answers is given up after a second, and asked again", async () => {
    const { watcher, clock, script, failures } = await startWatch();
    await clock.advance(1000);
    void watcher.freshen();
    await clock.advance(1000);
    expect(failures).toMatchObject([{ code: "store-failed" }]);
    await clock.advance(200);
    expect(script.reads).toHaveLength(3);
  });

  test("that never answers is waited for by nobody between one read and the next", async () => {
    const { watcher, clock } = await startWatch({}, { random: () => 1 });
    await clock.advance(1000);
    void watcher.freshen();
    await clock.advance(1000);
    for (let time = 0; time < 20_000; time += 10) {
      expect(watcher.freshen()).toBeUndefined();
      await clock.advance(10);
    }
  });

  test("whose record is made anew with the same version is believed", async () => {
    const watch = await down();
    const { clock, script } = watch;
    await clock.advance(1200);
    await script.last.answer({ version: 0 });
    await clock.advance(1200);
    expect(script.last.knownVersion).toBeUndefined();
    await script.last.answer(record(1, "v2"));
    expect(watch.current).toBe("v2");
  });

  test("may have lost what was read from it, and is read whole when it is back", async () => {
    const watch = await down();
    const { clock, script } = watch;
    await clock.advance(1200);
    expect(script.last.knownVersion).toBeUndefined();
    await script.last.answer(record(1, "v2"));
    expect(watch.current).toBe("v2");
  });

  test("for so short a time that nobody noticed is found out within a minute or so", async () => {
    const watch = await startWatch();
    const { clock, script } = watch;
    for (let reads = 0; reads < 7; reads++) {
      await clock.advance(11_000);
      if (script.last.knownVersion === 1) await script.last.answer({ version: 1, unchanged: true });
      else await script.last.answer(record(1, "another"));
    }
    expect(watch.current).toBe("another");
  });

  test("that never answers has a bounded number of reads under way", async () => {
    const { watcher, clock, script, failures } = createWatch();
    void watcher.start();
    await clock.advance(60_000);
    expect(script.reads.length).toBeLessThanOrEqual(3);
    expect(failures.length).toBeGreaterThan(20);
  });

  test("from the start leaves errors waiting once, not each time", async () => {
    const { watcher, script, isSettled } = createWatch();
    const first = watcher.start();
    expect(await isSettled(watcher.freshen())).toBe(false);
    await script.last.fail(new Error("connection refused"));
    await first;
    expect(watcher.freshen()).toBeUndefined();
    expect(watcher.snapshot).toBeUndefined();
  });
});

describe("the background", () => {
  test.each([
    ["latest", 1, 11_000],
    ["soonest", 0, 9000],
  ])("reads about every ten seconds: at the %s", async (_, chance, delay) => {
    const { clock, script } = await startWatch({}, { random: () => chance });
    await clock.advance(delay - 1);
    expect(script.reads).toHaveLength(1);
    await clock.advance(1);
    expect(script.reads).toHaveLength(2);
  });

  test("is silent when switched off", async () => {
    const { clock, script } = await startWatch({ refreshEvery: 0 });
    await clock.advance(3_600_000);
    expect(script.reads).toHaveLength(1);
  });

  test("has no timer that keeps the process alive", async () => {
    const { clock } = await startWatch();
    expect(clock.referenced).toBe(0);
  });

  test("reads nothing after it was closed", async () => {
    const { watcher, clock, script } = await startWatch();
    await watcher.close();
    await clock.advance(60_000);
    expect(watcher.freshen()).toBeUndefined();
    void watcher.refreshBehind();
    expect(script.reads).toHaveLength(1);
  });

  test("refreshes a stale snapshot without anyone waiting, at most once a second", async () => {
    const { watcher, clock, script } = await startWatch();
    await clock.advance(1000);
    for (let error = 0; error < 100; error++) void watcher.refreshBehind();
    expect(script.reads).toHaveLength(2);
    await script.last.answer({ version: 1, unchanged: true });
    for (let error = 0; error < 100; error++) void watcher.refreshBehind();
    expect(script.reads).toHaveLength(2);
  });
});

describe("push", () => {
  test("refreshes at once", async () => {
    const watch = await startWatch();
    const { script } = watch;
    await script.push();
    await script.last.answer(record(2, "v2"));
    expect(watch.current).toBe("v2");
  });

  test("has it read four times a second at the most, and once more after the last", async () => {
    const { clock, script } = await startWatch();
    const before = script.reads.length;
    for (let time = 0; time < 2000; time += 5) {
      await script.push();
      await script.last.answer(record(1, "v1"));
      await clock.advance(5);
    }
    const during = script.reads.length - before;
    expect(during).toBeGreaterThanOrEqual(8);
    expect(during).toBeLessThanOrEqual(9);
    await clock.advance(250);
    await script.last.answer(record(1, "v1"));
    const until = script.reads.length;
    await script.push();
    await clock.advance(250);
    expect(script.reads.length).toBe(until + 1);
  });

  test("during a read has another one follow it", async () => {
    const watch = await startWatch();
    const { clock, script } = watch;
    await script.push();
    await script.push();
    expect(script.reads).toHaveLength(2);
    await clock.advance(250);
    await script.last.answer(record(1, "v1"));
    expect(script.reads).toHaveLength(3);
    await script.last.answer(record(2, "v2"));
    expect(watch.current).toBe("v2");
    expect(script.reads).toHaveLength(3);
  });

  test("that can't be had is said, and tried again after the next good read", async () => {
    const pushFailure = new Error("no listener for you");
    const { watcher, clock, script, pushFailures } = await startWatch({}, { pushFailure });
    await script.settled();
    expect(pushFailures).toHaveLength(1);
    script.refusePush(undefined);
    await clock.advance(1000);
    void watcher.freshen();
    await script.last.answer({ version: 1, unchanged: true });
    await script.push();
    expect(script.reads).toHaveLength(3);
  });

  test("that did not tell of what a read has brought is made anew, and once", async () => {
    const watch = await startWatch();
    const { clock, script } = watch;
    await script.silence();
    await clock.advance(11_000);
    await script.last.answer(record(2, "v2"));
    await clock.advance(2000);
    expect(script.watches).toBe(2);
    await script.push();
    await script.last.answer(record(3, "v3"));
    expect(watch.current).toBe("v3");
    await clock.advance(60_000);
    expect(script.watches).toBe(2);
  });

  test("that tells of a change a little after a read has brought it stays", async () => {
    const { clock, script } = await startWatch();
    await clock.advance(11_000);
    await script.last.answer(record(2, "v2"));
    await clock.advance(1999);
    await script.push();
    await script.last.answer(record(2, "v2"));
    await clock.advance(60_000);
    expect(script.watches).toBe(1);
  });

  test("after closing is ignored", async () => {
    const { watcher, script } = await startWatch();
    await watcher.close();
    await script.push();
    expect(script.reads).toHaveLength(1);
  });
});
