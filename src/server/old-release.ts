import { boundedMap } from "../core/bounded-map.ts";
import { isLongMismatch, mismatchSince } from "../core/decide.ts";
import type { Intermission } from "../core/intermission.ts";
import { currentRelease } from "../core/state/state.ts";

/** The old releases that still answer a proxy. */
export interface OldReleases {
  /**
   * A release was heard. If it has been outdated for longer than `warnAfter`, that is warned about, once for
   * each.
   *
   * @param upstream Undefined: not known.
   */
  heard(release: string, upstream: string | undefined): void;
  /**
   * For how long one that was heard lately has not been the current release, in milliseconds: the longest. 0:
   * all are current. Undefined: none was heard lately.
   */
  readonly mismatchFor: number | undefined;
}

/** Milliseconds. Those who listen say each release once a minute at least. */
const lately = 120_000;
const mostKnown = 1000;

/**
 * If a server is reloaded in place (systemctl reload, SIGHUP, PHP-FPM), its workers are new but their
 * environment is old: they report the old release forever, and all their errors stay masked.
 */
export function createOldReleases(
  intermission: Pick<Intermission, "known" | "warn" | "settings">,
): OldReleases {
  /** Times are the store's. */
  const known = boundedMap<string, { readonly firstAt: number; lastAt: number; told?: number }>(mostKnown);

  return {
    heard(release, upstream) {
      const { known: record, settings } = intermission;
      const current = record && currentRelease(record.state);
      if (record === undefined || current === undefined) return;
      const { state, now } = record;
      const one = known.get(release) ?? { firstAt: now, lastAt: now };
      one.lastAt = now;
      if (!known.has(release)) known.set(release, one);
      const since = mismatchSince(state, release, one.firstAt);
      if (!isLongMismatch(settings, since, now) || one.told === current.at) return;
      one.told = current.at;
      intermission.warn({
        code: "old-release-answers",
        message:
          `${upstream ?? "An instance"} still says it runs ${JSON.stringify(release)}, and ${JSON.stringify(current.id)} has been current for ` +
          `${String(Math.floor((now - since) / 60_000))} minutes: its errors stay masked. ` +
          "If it was deployed, it kept its old environment in a reload: restart it, or have it read its release from a file " +
          "(MAINTENANCE_PAGE_RELEASE_FILE). If the deploy was given up, run: intermission rollback",
      });
    },
    get mismatchFor() {
      const record = intermission.known;
      if (record === undefined) return undefined;
      const { state, now } = record;
      const ages = [...known.entries()].flatMap(([release, { firstAt, lastAt }]) => {
        if (now - lastAt >= lately) return [];
        const since = mismatchSince(state, release, firstAt);
        return [since === undefined ? 0 : now - since];
      });
      return ages.length === 0 ? undefined : Math.max(...ages);
    },
  };
}
