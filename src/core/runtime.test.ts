import fc from "fast-check";
import { expect, test } from "vitest";
import { createTime, systemClock } from "./runtime.ts";

const start = 1_700_000_000_000;

/** Two clocks set by hand, and the time made from them. */
function createClocks(): { monotonic: number; wall: number; now(): number } {
  let now = (): number => start;
  const clocks = { monotonic: start, wall: start, now: () => now() };
  now = createTime(
    () => clocks.monotonic,
    () => clocks.wall,
  );
  return clocks;
}

/**
 * What happens to a machine: work, sleep (only the wall clock advances), and corrections of the wall clock.
 */
const events = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("work" as const), by: fc.double({ min: 0, max: 1e9, noNaN: true }) }),
    fc.record({ kind: fc.constant("sleep" as const), by: fc.integer({ min: 0, max: 1e9 }) }),
    fc.record({ kind: fc.constant("correct" as const), by: fc.integer({ min: -1e9, max: 1e9 }) }),
  ),
);

test("time never runs backwards, and never stands still while either clock is ahead of it", () => {
  fc.assert(
    fc.property(events, (all) => {
      const clocks = createClocks();
      let before = clocks.now();
      for (const { kind, by } of all) {
        if (kind === "work") clocks.monotonic += by;
        clocks.wall += by;
        const now = clocks.now();
        // Sums of doubles: allow a microsecond.
        expect(now).toBeGreaterThanOrEqual(kind === "work" ? before + by - 0.001 : before);
        expect(now).toBeGreaterThanOrEqual(clocks.wall - 0.001);
        before = now;
      }
    }),
  );
});

test("a sleep counts in full, whatever the wall clock was corrected by before, forwards or not at all", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e9 }), fc.integer({ min: 1, max: 1e9 }), (correction, sleep) => {
      const clocks = createClocks();
      clocks.wall += correction;
      const before = clocks.now();
      clocks.wall += sleep;
      expect(clocks.now() - before).toBeCloseTo(sleep, 3);
    }),
  );
});

test("a wall clock that is set back changes nothing: time goes on with the other", () => {
  const clocks = createClocks();
  clocks.now();
  clocks.wall -= 3_600_000;
  expect(clocks.now()).toBe(start);
  clocks.monotonic += 250;
  clocks.wall += 250;
  expect(clocks.now()).toBe(start + 250);
});

test("the machine's own is the time since 1970, finer than milliseconds", () => {
  const before = Date.now();
  const now = systemClock.now();
  expect(now).toBeGreaterThanOrEqual(before);
  expect(now - before).toBeLessThan(10_000);
  const times = Array.from({ length: 1000 }, () => systemClock.now());
  expect(times).toEqual(times.toSorted((one, other) => one - other));
});
