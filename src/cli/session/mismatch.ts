import { isLongMismatch, mismatchSince } from "../../core/decide.ts";
import type { Store } from "../../core/ports.ts";
import type { Settings } from "../../core/settings/resolve.ts";
import type { RecordedRelease } from "../../core/state/state.ts";
import type { SeenInstance } from "../../reports/instances.ts";
import { readMaskedSince } from "../../reports/sum.ts";
import { toIsoTime, toSpan } from "../terminal/time.ts";

/** Live instances that don't run the current release. Times are the store's, in milliseconds since 1970. */
export interface Mismatch {
  readonly behind: readonly SeenInstance[];
  /** When the longest of them began. */
  readonly since: number;
  /** Milliseconds. */
  readonly age: number;
  /** It has lasted longer than `warnAfter`. */
  readonly isLong: boolean;
  /** Errors that instances and proxies have hidden since. null: could not be read. */
  readonly hidden: number | null;
}

export interface MismatchOptions {
  readonly store: Store;
  readonly settings: Pick<Settings, "app" | "warnAfter">;
  /** In the order they became current. */
  readonly releases: readonly RecordedRelease[];
  readonly instances: readonly SeenInstance[];
  /** The store's time. */
  readonly now: number;
}

/** What is known of a mismatch. undefined: there is none. Rejects for no reason. */
export async function readMismatch(options: MismatchOptions): Promise<Mismatch | undefined> {
  const { store, settings, releases, instances, now } = options;
  const begun = instances.flatMap((instance) => {
    const since = mismatchSince({ releases }, instance.release, instance.startedAt);
    return since === undefined ? [] : [{ instance, since }];
  });
  if (begun.length === 0) return undefined;
  const since = Math.min(...begun.map((one) => one.since));
  const release = releases.at(-1)?.id;
  let hidden: number | null = null;
  try {
    if (store.reports !== undefined)
      hidden = (await readMaskedSince(store.reports, settings.app, { release, since, ago: now - since }))
        .masked;
  } catch {
    // The rest is worth saying without it.
  }
  return {
    behind: begun.map(({ instance }) => instance),
    since,
    age: Math.max(0, now - since),
    isLong: isLongMismatch(settings, since, now),
    hidden,
  };
}

/** `for 3 h, and 57 errors were hidden since`. */
export function describeMismatch({ age, hidden }: Mismatch): string {
  return `for ${toSpan(age)}${hidden === null ? "" : `, and ${hidden === 1 ? "1 error was" : `${String(hidden)} errors were`} hidden since`}`;
}

/** For `--json`. */
export function toMismatchDocument({ behind, since, age, isLong, hidden }: Mismatch): object {
  return {
    since: toIsoTime(since),
    seconds: Math.round(age / 1000),
    long: isLong,
    instances: behind.length,
    hiddenErrors: hidden,
  };
}
