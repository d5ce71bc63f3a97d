import type { Clock } from "./ports.ts";

// Read once: it is a getter, and dearer than the time itself.
const origin = performance.timeOrigin;

/**
 * The machine's own clock. It never runs backwards, so that a corrected system time can't make an old snapshot look
 * fresh.
 */
export const systemClock: Clock = {
  now: () => origin + performance.now(),
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
