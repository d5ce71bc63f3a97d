import type { Manual, State, StoredMode } from "../state.ts";

/** How the site is switched: `errors`: every server error gets the page. `closed`: every request gets it. */
export interface SwitchOn extends Manual {
  readonly mode: Exclude<StoredMode, "auto">;
}

/** Puts manual mode on, in place of whatever was set before. */
export function switchOn(state: State, { mode, ...manual }: SwitchOn): State {
  return { ...switchOff(state), mode, manual };
}

/** Puts manual mode off: the releases decide again. */
export function switchOff(state: State): State {
  if (state.mode === "auto" && state.manual === undefined) return state;
  const off: State = { ...state, mode: "auto" };
  delete (off as { manual?: Manual }).manual;
  return off;
}

/**
 * The mode that holds at a moment: `auto` outside of the times that were set with it.
 *
 * @param now The store's time, in milliseconds since 1970.
 */
export function modeAt({ mode, manual }: State, now: number): StoredMode {
  if (mode === "auto" || manual === undefined) return mode;
  const { from = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY } = manual;
  return now >= from && now < until ? mode : "auto";
}
