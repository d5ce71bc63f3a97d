import { IntermissionError } from "../errors.ts";
import type { Rehearsal, State } from "./state.ts";

/** A rehearsal ends after this time even if nobody ends it. Milliseconds. */
export const rehearsalLifetime = 60_000;

/** Every instance reads them. */
const mostRehearsals = 4;

/**
 * Begins a rehearsal and drops expired ones.
 *
 * @param now The store's time, in milliseconds since 1970.
 * @throws IntermissionError `store-busy`: too many are running.
 */
export function beginRehearsal(
  state: State,
  { id, key }: Pick<Rehearsal, "id" | "key">,
  now: number,
): { readonly state: State } {
  const others = withoutExpired(state, now).rehearsals ?? [];
  if (others.length >= mostRehearsals) {
    throw new IntermissionError("store-busy", {
      problem: `${String(others.length)} rehearsals are under way`,
      expected: `at most ${String(mostRehearsals)} at once`,
      remedy: "Try again in a minute.",
    });
  }
  return { state: { ...state, rehearsals: [...others, { id, key, expiresAt: now + rehearsalLifetime }] } };
}

export function endRehearsal(state: State, ended: string, now: number): State {
  return keepOnly(state, ({ id, expiresAt }) => id !== ended && now < expiresAt);
}

/** Returns the same state if nothing has expired. */
export function withoutExpired(state: State, now: number): State {
  return keepOnly(state, ({ expiresAt }) => now < expiresAt);
}

function keepOnly(state: State, isKept: (rehearsal: Rehearsal) => boolean): State {
  const { rehearsals } = state;
  if (rehearsals === undefined || (rehearsals.length > 0 && rehearsals.every(isKept))) return state;
  const kept = rehearsals.filter(isKept);
  const next: State = { ...state, rehearsals: kept };
  if (kept.length === 0) delete (next as { rehearsals?: unknown }).rehearsals;
  return next;
}
