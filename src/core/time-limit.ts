import type { Clock } from "./ports.ts";
import { systemClock } from "./runtime.ts";

export interface TimeLimitOptions {
  /** The timer keeps the process alive. Default: true. */
  readonly ref?: boolean;
  /** What the promise rejects with when the time is over. */
  readonly timeIsUp?: () => Error;
}

/** The outcome of the work, or a rejection after so many milliseconds. The work goes on, and its late answer is dropped. */
export async function withTimeLimit<Value>(
  clock: Clock,
  milliseconds: number,
  work: Promise<Value>,
  {
    ref = true,
    timeIsUp = () => new Error(`no answer within ${milliseconds.toFixed()} ms`),
  }: TimeLimitOptions = {},
): Promise<Value> {
  let cancel: (() => void) | undefined;
  const timeout = new Promise<never>((_, reject) => {
    cancel = clock.after(
      Math.max(0, milliseconds),
      () => {
        reject(timeIsUp());
      },
      { ref },
    );
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    cancel?.();
  }
}

/** Returns how many of these milliseconds are left: less than zero when they are over. */
export function countDown(milliseconds: number): () => number {
  const deadline = systemClock.now() + milliseconds;
  return () => deadline - systemClock.now();
}
