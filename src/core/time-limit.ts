import type { Clock } from "./ports.ts";
import { systemClock } from "./runtime.ts";

export interface TimeLimitOptions {
  /** The timer keeps the process alive. @default true */
  readonly ref?: boolean;
  /** Makes the error to reject with when time is up. */
  readonly timeIsUp?: () => Error;
}

/**
 * Settles like the work, or rejects after so many milliseconds. The work goes on, but a late result is
 * dropped.
 */
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

/** Returns how many of these milliseconds are left; negative once they are over. */
export function countDown(milliseconds: number): () => number {
  const deadline = systemClock.now() + milliseconds;
  return () => deadline - systemClock.now();
}
