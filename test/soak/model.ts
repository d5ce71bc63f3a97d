import type { Kind, Seen } from "../story/stage.ts";

/** A command that makes a release current, from its start to its last return. Times are milliseconds of one clock. */
export interface Change {
  readonly release: string;
  readonly begun: number;
  /** Infinity: it is under way, or has failed and is being repeated. */
  readonly returned: number;
}

/** A time in which the store did not answer as it should. */
export interface Fault {
  readonly begun: number;
  /** Infinity: it lasts. */
  readonly ended: number;
}

export interface Visit extends Pick<Seen, "release" | "path" | "kind"> {
  readonly begun: number;
  readonly ended: number;
}

/** What is promised. Milliseconds. */
const promise = {
  /** Older, a snapshot lets no error pass as regular. A command waits for as long before it returns. */
  freshFor: 1000,
  /** An error waits for the store no longer; then the newest known state decides. */
  readTimeout: 250,
  /** A page is shown at once, and the next error knows better: with visits that come all the time, in this time. */
  noticing: 500,
  /** After a failure the truth is known again. */
  recovery: 2000,
} as const;

/**
 * Which kinds of answer are right for a visit: those that an instance gives that knows any state which the promises let
 * it take for the newest.
 */
export function allowedKinds(
  { changes, faults }: { readonly changes: readonly Change[]; readonly faults: readonly Fault[] },
  visit: Visit,
): ReadonlySet<Kind> {
  if (visit.path !== "/bug") return new Set(["success"]);
  const waitedInVain = visit.ended - visit.begun >= promise.readTimeout;
  const oldestForPage = visit.begun - promise.freshFor - promise.noticing;
  const oldestForRaw = waitedInVain ? oldestForPage : visit.begun - promise.freshFor;
  const kinds = new Set<Kind>();
  for (const release of currentBetween(changes, reachBack(faults, oldestForRaw, visit.ended), visit.ended))
    if (release === visit.release) kinds.add("raw");
  for (const release of currentBetween(changes, reachBack(faults, oldestForPage, visit.ended), visit.ended))
    if (release !== visit.release) kinds.add("page");
  return kinds;
}

/** What is known from before a fault is the newest that is known until the store has recovered. */
function reachBack(faults: readonly Fault[], from: number, to: number): number {
  const before = faults
    .filter((fault) => fault.begun <= to && fault.ended + promise.recovery >= from)
    .map((fault) => fault.begun - promise.freshFor - promise.noticing);
  const oldest = Math.min(from, ...before);
  return oldest < from ? reachBack(faults, oldest, to) : from;
}

/** The releases that may have been current at some moment. A change takes effect at one moment of its command. */
function currentBetween(changes: readonly Change[], from: number, to: number): readonly string[] {
  return changes
    .filter(({ begun }, index) => {
      const next = changes[index + 1];
      return begun <= to && (next === undefined || next.returned - promise.freshFor > from);
    })
    .map(({ release }) => release);
}
