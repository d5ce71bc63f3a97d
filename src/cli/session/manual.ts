import type { ManualStatus } from "../../core/state/manual-status.ts";
import { toIsoTime, toLocalTime } from "../terminal/time.ts";

/** Manual mode for programs: times in ISO 8601. */
export function toManualDocument(manual: ManualStatus): Readonly<Record<string, unknown>> {
  const { backAt, from, until, at } = manual;
  return {
    ...manual,
    backAt: toTime(backAt),
    from: toTime(from),
    until: toTime(until),
    at: toTime(at),
  };
}

/** Manual mode for people: each setting by name. */
export function manualRows(manual: ManualStatus): readonly (readonly [name: string, value: string])[] {
  const { mode, holds, message, backAt, from, until, exemptPaths, exemptAddresses, by, at } = manual;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["Switched", `${mode === "closed" ? "on --all" : "on"}${holds ? "" : " (not at this time)"}`],
    ["Message", message ?? undefined],
    ["Back at", backAt === null ? undefined : toLocalTime(backAt)],
    ["From", from === null ? undefined : toLocalTime(from)],
    ["Until", until === null ? undefined : toLocalTime(until)],
    ["Exempt paths", exemptPaths.join(" ")],
    ["Exempt clients", exemptAddresses.join(" ")],
    ["Put on", at === null ? undefined : `${toLocalTime(at)} by ${by ?? "someone"}`],
  ];
  return rows.filter((row): row is readonly [string, string] => row[1] !== undefined && row[1] !== "");
}

function toTime(milliseconds: number | null): string | null {
  return milliseconds === null ? null : toIsoTime(milliseconds);
}
