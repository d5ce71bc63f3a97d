import { isOther, type MaskedKind } from "../../reports/report.ts";
import { readMaskedSince } from "../../reports/sum.ts";
import type { Session } from "../session/session.ts";
import type { HiddenErrors } from "./summary.ts";

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
    const moment = { release, since: openedAt, ago: milliseconds };
    const { kinds } = await readMaskedSince(store.reports, intermission.settings.app, moment);
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
