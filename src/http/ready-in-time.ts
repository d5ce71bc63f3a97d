import type { Intermission } from "../core/intermission.ts";

/**
 * Resolves when an intermission knows whether the site is closed, or after its `readTimeout`: for who lets the first
 * requests wait that long. Never rejects.
 */
export async function readyInTime(intermission: Intermission): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, intermission.settings.readTimeout);
  });
  // Whoever reads has warned of what fails.
  await Promise.race([intermission.ready().catch(() => undefined), late]);
  clearTimeout(timer);
}
