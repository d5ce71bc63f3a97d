import { labelOf, type SeenInstance } from "./instances.ts";

const mostNamed = 3;

/**
 * Running instances whose release was never recorded: those of another app in the same record, or of a deploy
 * that records nothing.
 */
export function findStrangers(
  instances: readonly SeenInstance[],
  recorded: readonly { readonly id: string }[],
): { readonly running: readonly SeenInstance[]; readonly strange: readonly SeenInstance[] } {
  const known = new Set(recorded.map(({ id }) => id));
  const running = instances.filter(({ role }) => role !== "proxy");
  return { running, strange: running.filter(({ release }) => release === null || !known.has(release)) };
}

export const strangersRemedy =
  "If they are another app, or a preview, give it a name by MAINTENANCE_APP; else have its deploy run create-release.";

export const oneForm = "Use the same form of a commit everywhere, short or long.";

export function nameSome(instances: readonly SeenInstance[]): string {
  const names = instances.slice(0, mostNamed).map((one) => `${labelOf(one)} (${one.release ?? "unknown"})`);
  return names.join(", ") + (instances.length > mostNamed ? ", …" : "");
}
