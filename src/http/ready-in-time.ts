import type { Intermission } from "../core/intermission.ts";
import { systemClock } from "../core/runtime.ts";
import { withTimeLimit } from "../core/time-limit.ts";

/**
 * Resolves once an intermission knows whether the site is closed, or after so many milliseconds. Never
 * rejects.
 *
 * @param within @default what a request may wait
 */
export async function readyInTime(
  intermission: Intermission,
  within = intermission.settings.readTimeout,
): Promise<void> {
  // A failed read was already warned about.
  await withTimeLimit(systemClock, within, intermission.ready()).catch(() => undefined);
}
