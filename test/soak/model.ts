import type { Kind, Seen } from "../story/stage.ts";

/** A command that makes a release current, from its start to its last return. Milliseconds of one clock. */
export interface Change {
  readonly release: string;
  readonly begun: number;
  /** Infinity: it is running, or failed and is being repeated. */
  readonly returned: number;
}

/** A period in which the store did not answer as it should. */
export interface Fault {
  readonly begun: number;
  /** Infinity: ongoing. */
  readonly ended: number;
}

export interface Visit extends Pick<Seen, "release" | "path" | "kind"> {
  readonly begun: number;
  readonly ended: number;
}

/** What is promised. Milliseconds. */
const promise = {
  /** An older snapshot lets no error pass as regular. A command waits this long before it returns. */
  freshFor: 1000,
  /** An error waits for the store no longer; then the newest known state decides. */
  readTimeout: 250,
  /** A page is shown at once, and the next error knows better: with constant visits, within this time. */
  noticing: 500,
  /** How soon after a failure the truth is known again. */
  recovery: 2000,
} as const;

/**
 * Which kinds of answer are right for a visit: those of an instance that knows any state which, by the
 * promises, it may take for the newest.
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

/** Until the store has recovered, what was known before the fault may be the newest known. */
function reachBack(faults: readonly Fault[], from: number, to: number): number {
  const before = faults
    .filter((fault) => fault.begun <= to && fault.ended + promise.recovery >= from)
    .map((fault) => fault.begun - promise.freshFor - promise.noticing);
  const oldest = Math.min(from, ...before);
  return oldest < from ? reachBack(faults, oldest, to) : from;
}

/**
 * The releases that may have been current at some moment. A change takes effect at one moment of its command.
 */
function currentBetween(changes: readonly Change[], from: number, to: number): readonly string[] {
  return changes
    .filter(({ begun }, index) => {
      const next = changes[index + 1];
      return begun <= to && (next === undefined || next.returned - promise.freshFor > from);
    })
    .map(({ release }) => release);
}
