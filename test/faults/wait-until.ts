import { setTimeout as pause } from "node:timers/promises";

/** Polls until it holds; an error counts as no. */
export async function waitUntil(holds: () => unknown, milliseconds = 20_000): Promise<void> {
  const deadline = performance.now() + milliseconds;
  for (;;) {
    try {
      if ((await holds()) === true) return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    if (performance.now() > deadline) throw new Error("it did not come about in time");
    await pause(20);
  }
}
