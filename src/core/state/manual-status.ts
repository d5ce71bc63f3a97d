import { healthPaths } from "../exemption.ts";
import type { Manual, State, StoredMode } from "./state.ts";
import { modeAt } from "./manual.ts";

/** Manual mode without its secrets. Times are the store's, in milliseconds since 1970; null: not set. */
export interface ManualStatus {
  readonly mode: Exclude<StoredMode, "auto">;
  /** False: it has not begun, or is over. */
  readonly holds: boolean;
  readonly message: string | null;
  readonly backAt: number | null;
  readonly from: number | null;
  readonly until: number | null;
  readonly exemptPaths: readonly string[];
  readonly exemptAddresses: readonly string[];
  /** Health check paths that a closed site leaves open. */
  readonly openHealthPaths: readonly string[];
  /** Who turned it on, and when. */
  readonly by: string | null;
  readonly at: number | null;
}

/** Everything except the key. */
export function toManualStatus(mode: ManualStatus["mode"], manual: Manual, now: number): ManualStatus {
  const state: State = { releases: [], mode, manual };
  return {
    mode,
    holds: modeAt(state, now) !== "auto",
    message: manual.message ?? null,
    backAt: manual.backAt ?? null,
    from: manual.from ?? null,
    until: manual.until ?? null,
    exemptPaths: manual.exemptPaths ?? [],
    exemptAddresses: manual.exemptAddresses ?? [],
    openHealthPaths: mode === "closed" && manual.closeHealthPaths !== true ? healthPaths : [],
    by: manual.by ?? null,
    at: manual.at ?? null,
  };
}
