import { readReports } from "../../reports/instances.ts";
import { isOther, type MaskedKind } from "../../reports/report.ts";
import { sumReports } from "../../reports/sum.ts";
import type { Session } from "../session/session.ts";
import type { HiddenErrors } from "./summary.ts";

/**
 * Instances report every 15 seconds, so this much is added to the deploy's time when looking back.
 * Milliseconds.
 */
const margin = 20_000;

/**
 * The errors that instances reported as hidden since a deploy was opened. Undefined: the store keeps no
 * reports, or is not available now.
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
    // The deploy is over; its summary can do without.
    return undefined;
  }
}

function toText(kind: MaskedKind): string {
  if (isOther(kind)) return "other";
  const { status, route, error, code } = kind;
  const cause = [error, code].filter((part) => part !== null).join(" ");
  return `${String(status)} ${route ?? ""}${cause === "" ? "" : ` (${cause})`}`;
}
