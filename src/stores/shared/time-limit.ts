import type { Clock } from "../../core/ports.ts";

/**
 * What the work comes to, or a rejection after so many milliseconds. The work itself goes on, and its late answer is
 * dropped.
 */
export async function withTimeLimit<Value>(
  clock: Clock,
  milliseconds: number,
  work: Promise<Value>,
  options: { readonly ref: boolean } = { ref: true },
): Promise<Value> {
  let cancel: (() => void) | undefined;
  const timeout = new Promise<never>((_, reject) => {
    const giveUp = (): void => {
      reject(new Error(`no answer within ${milliseconds.toFixed()} ms`));
    };
    cancel = clock.after(milliseconds, giveUp, options);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    cancel?.();
  }
}
