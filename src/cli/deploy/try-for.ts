import { isIntermissionError } from "../../core/errors.ts";
import type { Clock } from "../../core/ports.ts";

/** Between two attempts. Milliseconds. */
const pause = 500;

/**
 * Retries until it works, for about so many milliseconds. A permanent failure, because the deploy no longer
 * exists, is not retried.
 *
 * @throws the last attempt's error.
 */
export async function tryFor<Result>(
  clock: Clock,
  milliseconds: number,
  work: () => Promise<Result>,
): Promise<Result> {
  const deadline = clock.now() + milliseconds;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const isFinal = isIntermissionError(error) && error.code === "deploy-gone";
      if (isFinal || clock.now() + pause > deadline) throw error;
    }
    await new Promise<void>((resume) => clock.after(pause, resume, { ref: true }));
  }
}
