import type { Intermission } from "../core/intermission.ts";

/**
 * Resolves when an intermission knows whether the site is closed, or after so many milliseconds. Never rejects.
 *
 * @param within Left out: what a request may wait.
 */
export async function readyInTime(
  intermission: Intermission,
  within = intermission.settings.readTimeout,
): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, within);
  });
  // Whoever reads has warned of what fails.
  await Promise.race([intermission.ready().catch(() => undefined), late]);
  clearTimeout(timer);
}
