import type { Clock } from "../core/ports.ts";

/** A clock that stands still until it is advanced. */
export interface FakeClock extends Clock {
  /** Advances by so many milliseconds and calls what is due, in order; promises settle in between. */
  advance(milliseconds: number): Promise<void>;
  /** Pending callbacks. */
  readonly pending: number;
  /** Those that would keep a process alive. */
  readonly referenced: number;
}

/** Deep enough for a chain of promises from one timer to the next. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

export function createFakeClock({
  start = 1_000_000,
  random = () => 0.5,
}: { readonly start?: number; readonly random?: () => number } = {}): FakeClock {
  interface Timer {
    readonly at: number;
    readonly callback: () => void;
    readonly ref: boolean;
  }
  const timers = new Set<Timer>();
  let now = start;

  const nextDue = (until: number): Timer | undefined => {
    let next: Timer | undefined;
    for (const timer of timers)
      if (timer.at <= until && (next === undefined || timer.at < next.at)) next = timer;
    return next;
  };

  return {
    now: () => now,
    after(milliseconds, callback, options) {
      const timer = { at: now + milliseconds, callback, ref: options?.ref === true };
      timers.add(timer);
      return () => {
        timers.delete(timer);
      };
    },
    random,
    async advance(milliseconds) {
      await settle();
      const until = now + milliseconds;
      for (let timer = nextDue(until); timer !== undefined; timer = nextDue(until)) {
        now = Math.max(now, timer.at);
        timers.delete(timer);
        timer.callback();
        await settle();
      }
      now = until;
    },
    get pending() {
      return timers.size;
    },
    get referenced() {
      return [...timers].filter((timer) => timer.ref).length;
    },
  };
}
