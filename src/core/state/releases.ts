import { IntermissionError, show } from "../errors.ts";
import { currentRelease, type RecordedRelease, type State } from "./state.ts";

/** How many releases are kept. */
export const historyLimit = 200;

/**
 * Bytes their record may take, in UTF-8: every instance reads it. 200 releases named by commit fit; with the
 * longest names fewer are kept.
 */
export const historySizeLimit = 14 * 1024;

/**
 * `recorded`: now current. `already-current`: it already was. `known`: recorded earlier, and left as it is.
 */
export type RecordOutcome = "recorded" | "already-current" | "known";

/**
 * Makes a new release current. A known one is left alone: an old machine that boots late must not undo the
 * deploy.
 */
export function recordRelease(
  state: State,
  id: string,
  now: number,
): { readonly state: State; readonly outcome: RecordOutcome } {
  if (currentRelease(state)?.id === id) return { state, outcome: "already-current" };
  if (state.releases.some((release) => release.id === id)) return { state, outcome: "known" };
  return { state: makeCurrent(state, id, now), outcome: "recorded" };
}

/**
 * Makes an earlier release current again. Without an id: the previous one.
 *
 * @throws IntermissionError `unknown-release`, `no-earlier-release`
 */
export function rollBack(
  state: State,
  id: string | undefined,
  now: number,
): { readonly state: State; readonly id: string; readonly outcome: "rolled-back" | "already-current" } {
  const target = id ?? state.releases.at(-2)?.id;
  if (target === undefined) {
    throw new IntermissionError("no-earlier-release", {
      problem: "There is no earlier release to go back to",
      got: state.releases.length === 0 ? "no release at all" : "one release",
      remedy: "See `intermission releases`.",
    });
  }
  if (currentRelease(state)?.id === target) return { state, id: target, outcome: "already-current" };
  if (!state.releases.some((release) => release.id === target)) {
    throw new IntermissionError("unknown-release", {
      problem: `The release ${show(target)} was never recorded, so there is no going back to it`,
      remedy:
        "See `intermission releases` for those that were; `intermission create-release` records a new one.",
    });
  }
  return { state: makeCurrent(state, target, now), id: target, outcome: "rolled-back" };
}

/**
 * Adds another tool's releases before the recorded ones: those that were current before the oldest recorded
 * release. So nothing recorded changes, and repeating it adds nothing. If nothing is recorded, the last
 * becomes current.
 *
 * @param earlier In the order they became current. `imported` has the new ones, in the same order.
 */
export function importReleases(
  state: State,
  earlier: readonly RecordedRelease[],
): { readonly state: State; readonly imported: readonly RecordedRelease[] } {
  const oldest = Math.min(...state.releases.map(({ at }) => at));
  const known = new Set(state.releases.map(({ id }) => id));
  const last = new Map(earlier.map(({ id }, index) => [id, index]));
  const added = earlier.filter(
    ({ id, at }, index) => at < oldest && !known.has(id) && last.get(id) === index,
  );
  const releases = dropOldest([...added, ...state.releases]);
  const imported = added.filter((release) => releases.includes(release));
  return imported.length === 0 ? { state, imported } : { state: { ...state, releases }, imported };
}

function makeCurrent(state: State, id: string, now: number): State {
  const others = state.releases.filter((release) => release.id !== id);
  return { ...state, releases: dropOldest([...others, { id, at: now }]) };
}

/** Keeps the current release and the one before, whatever their size: a rollback needs both. */
function dropOldest(releases: readonly RecordedRelease[]): readonly RecordedRelease[] {
  const encoder = new TextEncoder();
  let size = 0;
  const tooOld = releases.findLastIndex((release, index) => {
    const age = releases.length - index;
    size += encoder.encode(JSON.stringify(release)).length + 1;
    return age > 2 && (age > historyLimit || size > historySizeLimit);
  });
  return releases.slice(tooOld + 1);
}
