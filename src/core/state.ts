import { IntermissionError, reasonOf, show } from "./errors.ts";
import { isRelease } from "./release.ts";

/** How many releases a state remembers. */
export const historyLimit = 200;

/**
 * Bytes that their record may take, in UTF-8: every instance reads it. 200 releases that are named by a commit take
 * less; with the longest identifiers fewer are remembered.
 */
export const historySizeLimit = 16 * 1024;

export interface RecordedRelease {
  readonly id: string;
  /** When it became current, last time: the store's time, in milliseconds since 1970. */
  readonly at: number;
}

/** `auto`: the releases decide. `errors`: every server error gets the page. `closed`: every request gets it. */
export type StoredMode = "auto" | "errors" | "closed";

export interface OpenDeploy {
  readonly release: string;
  readonly openedAt: number;
  /** Past this time (the store's) the deploy counts as lost, and masks nothing any more. */
  readonly leaseUntil: number;
}

/** What a store's record says. Immutable: a transition makes a new one. */
export interface State {
  /** Each release once, in the order in which they became current. The last is the current one. */
  readonly releases: readonly RecordedRelease[];
  readonly mode: StoredMode;
  readonly deploy?: OpenDeploy;
}

export const emptyState: State = Object.freeze({ releases: Object.freeze([]), mode: "auto" });

export function currentRelease(state: State): RecordedRelease | undefined {
  return state.releases.at(-1);
}

/** `recorded`: it is current now. `already-current`: it was. `known`: it was recorded before, and stays as it is. */
export type RecordOutcome = "recorded" | "already-current" | "known";

/**
 * Makes a release current that was never recorded. A release known from before is left where it is: a machine of the
 * old release that boots late must not turn the deploy back.
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
 * Makes an earlier release current again; without an id, the one that was current before.
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

/** The text that a store keeps. */
export function encodeState(state: State): string {
  return JSON.stringify(state);
}

/**
 * Reads what {@link encodeState} wrote. Fields that a newer version added are kept, so that an older one that writes
 * the record back does not lose them.
 *
 * @throws IntermissionError `state-unreadable`
 */
export function decodeState(text: string): State {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw unreadable(reasonOf(error), error);
  }
  if (!isObject(parsed)) throw unreadable(show(parsed));
  const { releases, mode = "auto", deploy } = parsed;
  if (!Array.isArray(releases) || !releases.every(isRecordedRelease)) {
    throw unreadable("a list of releases that is none");
  }
  if (mode !== "auto" && mode !== "errors" && mode !== "closed") throw unreadable(`the mode ${show(mode)}`);
  if (deploy !== undefined && !isOpenDeploy(deploy)) throw unreadable("an open deploy that is none");
  return { ...parsed, releases, mode, ...(deploy === undefined ? {} : { deploy }) };
}

function makeCurrent(state: State, id: string, now: number): State {
  const others = state.releases.filter((release) => release.id !== id);
  return { ...state, releases: dropOldest([...others, { id, at: now }]) };
}

/** Never the current one or the one before, whatever their size: a rollback needs both. */
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

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isRecordedRelease(value: unknown): value is RecordedRelease {
  return (
    isObject(value) &&
    typeof value["id"] === "string" &&
    isRelease(value["id"]) &&
    Number.isFinite(value["at"])
  );
}

function isOpenDeploy(value: unknown): value is OpenDeploy {
  return (
    isObject(value) &&
    typeof value["release"] === "string" &&
    Number.isFinite(value["openedAt"]) &&
    Number.isFinite(value["leaseUntil"])
  );
}

function unreadable(got: string, cause?: unknown): IntermissionError {
  return new IntermissionError("state-unreadable", {
    problem: "The store holds a record that can't be understood",
    expected: "a record written by Intermission",
    got,
    remedy:
      "If something else writes there, name another store or app. If the record is damaged, delete its row.",
    cause,
  });
}
