import { readReports } from "../../reports/instances.ts";
import { isOther, type MaskedKind } from "../../reports/report.ts";
import { sumReports } from "../../reports/sum.ts";
import type { Session } from "../session/session.ts";
import type { HiddenErrors } from "./summary.ts";

/** Instances report every 15 seconds; this much of the store's past is looked through beside the deploy's own time. */
const margin = 20_000;

/**
 * The errors that instances have reported as hidden since a deploy was opened. Undefined: the store keeps no reports, or
 * can't be asked now.
 *
 * @param openedAt The store's time, in milliseconds since 1970.
 * @param milliseconds How long ago that was.
 */
export async function readHidden(
  { intermission, store }: Session,
  { release, openedAt }: { readonly release: string; readonly openedAt: number },
  milliseconds: number,
): Promise<readonly HiddenErrors[] | undefined> {
  if (store.reports === undefined) return undefined;
  try {
    const { reports } = await readReports(store.reports, intermission.settings.app, milliseconds + margin);
    const { kinds } = sumReports(reports, { release, since: openedAt });
    return kinds.map((kind) => ({ what: toText(kind), count: kind.count }));
  } catch {
    // The deploy has ended, and what there is to say of it is said without.
    return undefined;
  }
}

function toText(kind: MaskedKind): string {
  if (isOther(kind)) return "other";
  const { status, route, error, code } = kind;
  const cause = [error, code].filter((part) => part !== null).join(" ");
  return `${String(status)} ${route ?? ""}${cause === "" ? "" : ` (${cause})`}`;
}
