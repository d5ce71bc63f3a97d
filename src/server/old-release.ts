import { boundedMap } from "../core/bounded-map.ts";
import type { Intermission } from "../core/intermission.ts";
import { currentRelease } from "../core/state/state.ts";

/** Milliseconds after which a deploy that replaces its instances should be over. */
const overdueAfter = 30 * 60_000;
const mostTold = 1000;

/**
 * Warns about a release that still answers half an hour after another became current, once for each. If a
 * server is reloaded in place (systemctl reload, SIGHUP, PHP-FPM), its workers are new but their environment
 * is old: they report the old release forever, and all their errors stay masked.
 */
export function createOldReleaseWarner(
  intermission: Pick<Intermission, "known" | "warn">,
): (release: string, upstream: string | undefined) => void {
  const told = boundedMap<string, true>(mostTold);
  return (release, upstream) => {
    const { known } = intermission;
    const current = known && currentRelease(known.state);
    if (known === undefined || current === undefined || release === current.id) return;
    if (known.now - current.at < overdueAfter) return;
    const about = JSON.stringify([release, current]);
    if (told.has(about)) return;
    told.set(about, true);
    intermission.warn({
      code: "old-release-answers",
      message:
        `${upstream ?? "An instance"} still says it runs ${JSON.stringify(release)}, and ${JSON.stringify(current.id)} has been current for ` +
        `${String(Math.floor((known.now - current.at) / 60_000))} minutes: its errors stay masked. ` +
        "If it was deployed, it kept its old environment in a reload: restart it, or have it read its release from a file " +
        "(MAINTENANCE_PAGE_RELEASE_FILE). If the deploy was given up, run: intermission rollback",
    });
  };
}
