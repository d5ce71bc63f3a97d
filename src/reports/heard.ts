import type { SeenInstance } from "./instances.ts";
import { silentAfter } from "./report.ts";

/** Who reported, and until when. Times are the store's, in milliseconds since 1970. */
export interface Heard {
  /** Instances that report: what they masked since their last report follows in the next. */
  readonly reporting: readonly SeenInstance[];
  /** The oldest of their last reports: nothing before it is missing. null: nobody reports. */
  readonly until: number | null;
  /** Instances that fell silent without signing off: what they masked last is unknown. */
  readonly silent: readonly SeenInstance[];
}

/**
 * What a sum of reports may miss.
 *
 * @param now The store's time, in milliseconds since 1970.
 * @param since Ignores those that fell silent earlier.
 */
export function heardOf(
  reports: readonly SeenInstance[],
  { now, since }: { readonly now: number; readonly since: number },
): Heard {
  const running = reports.filter(({ stopped }) => !stopped);
  const reporting = running.filter(({ lastSeenAt }) => lastSeenAt > now - silentAfter);
  return {
    reporting,
    until: reporting.reduce<number | null>(
      (until, { lastSeenAt }) => (until === null ? lastSeenAt : Math.min(until, lastSeenAt)),
      null,
    ),
    silent: running.filter(({ lastSeenAt }) => lastSeenAt <= now - silentAfter && lastSeenAt >= since),
  };
}
