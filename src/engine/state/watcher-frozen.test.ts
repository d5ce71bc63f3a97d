import { describe, expect, test } from "vitest";
import { record } from "../../../test/support/scripted-store.ts";
import { createWatch, type Watch } from "../../../test/support/watch.ts";
import { createFakeClock, type FakeClock } from "../../testing/fake-clock.ts";

/** A clock whose timers never fire, as in a runtime that freezes or drops them between requests. */
function frozenClock(): FakeClock {
  const clock = createFakeClock();
  return { ...clock, after: () => () => undefined };
}

async function startFrozen(): Promise<{ readonly watch: Watch; readonly clock: FakeClock }> {
  const clock = frozenClock();
  const watch = createWatch({ clock });
  const first = watch.watcher.start();
  await watch.script.last.answer(record(1, "v1"));
  await first;
  return { watch, clock };
}

describe("an instance whose background is not at work", () => {
  test("waits for a new snapshot when its own is older than the background would have it", async () => {
    const { watch, clock } = await startFrozen();
    await clock.advance(20_000);
    expect(watch.watcher.refreshBehind()).toBeUndefined();
    await watch.script.last.answer(record(2, "v2"));
    await clock.advance(21_000);
    const waiting = watch.watcher.refreshBehind();
    expect(await watch.isSettled(waiting)).toBe(false);
    await watch.script.last.answer(record(3, "v3"));
    expect(await watch.isSettled(waiting)).toBe(true);
    expect(watch.current).toBe("v3");
  });

  test("does so after a second where there is no background at all, and leaves no timer", async () => {
    const { watcher, clock, script } = createWatch({ refreshEvery: 0 });
    const first = watcher.freshen();
    await script.last.answer(record(1, "v1"));
    await first;
    await clock.advance(999);
    expect(watcher.refreshBehind()).toBeUndefined();
    await clock.advance(1);
    expect(watcher.refreshBehind()).toBeInstanceOf(Promise);
    await script.last.answer(record(1, "v1"));
    expect(clock.pending).toBe(0);
  });

  test("gives up a read that was dropped with its timer, again and again, and asks anew", async () => {
    const { watch, clock } = await startFrozen();
    const { watcher, script, failures } = watch;
    await clock.advance(1000);
    void watcher.freshen();
    await clock.advance(1999);
    void watcher.freshen();
    expect(script.reads).toHaveLength(2);
    await clock.advance(1);
    for (let count = 1; count <= 10; count++) {
      void watcher.freshen();
      await script.settled();
      expect(script.reads).toHaveLength(2 + count);
      expect(failures).toHaveLength(count);
      await clock.advance(2000);
    }
    await script.last.answer(record(2, "v2"));
    expect(watch.current).toBe("v2");
  });
});
