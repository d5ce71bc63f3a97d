import type { Clock } from "./ports.ts";

// Read once: it is a getter, and dearer than the time itself.
const origin = performance.timeOrigin;

/** The machine's own clock. */
export const systemClock: Clock = {
  now: createTime(
    () => origin + performance.now(),
    () => Date.now(),
  ),
  after(milliseconds, callback, options) {
    const timer: unknown = setTimeout(callback, milliseconds);
    // Not every runtime's timers are objects: Workers and browsers hand out numbers.
    if (options?.ref !== true && typeof timer === "object" && timer !== null && "unref" in timer) {
      (timer as NodeJS.Timeout).unref();
    }
    return () => {
      clearTimeout(timer as NodeJS.Timeout);
    };
  },
  random: Math.random,
};

/**
 * Milliseconds since 1970 that never run backwards, so that a corrected system time can't make an old snapshot look
 * fresh; and that go on while the machine sleeps or is frozen, where `monotonic` stands still: a snapshot from before
 * must not look fresh either. Whenever `wall` has moved on by more, the difference is added for good.
 *
 * @param monotonic Never runs backwards (CLOCK_MONOTONIC).
 * @param wall May jump, in either direction.
 */
export function createTime(monotonic: () => number, wall: () => number): () => number {
  let missed = 0;
  return function now() {
    const counted = monotonic();
    const difference = wall() - counted;
    if (difference > missed) missed = difference;
    return counted + missed;
  };
}
