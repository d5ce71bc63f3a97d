import type { SeenInstance } from "./instances.ts";
import { silentAfter } from "./report.ts";

/** Who was heard, and until when. Times are the store's, in milliseconds since 1970. */
export interface Heard {
  /** Instances that report: what they have masked since their last report comes with the next. */
  readonly reporting: readonly SeenInstance[];
  /** The oldest of their last reports: until then nothing of theirs is missing. null: nobody reports. */
  readonly until: number | null;
  /** Instances that fell silent without saying that they end: what they masked last is not known. */
  readonly silent: readonly SeenInstance[];
}

/**
 * What a sum of reports may leave out.
 *
 * @param now The store's time, in milliseconds since 1970.
 * @param since Who fell silent before is no matter.
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
