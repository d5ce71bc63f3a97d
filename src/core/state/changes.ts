import type { DeployOutcome } from "./deploys.ts";
import type { Change, State, StoredMode } from "./state.ts";

/** What a {@link Change} did. Times are the store's, in milliseconds since 1970. */
export type Deed =
  | { readonly kind: "release-recorded" | "rolled-back"; readonly release: string }
  | {
      readonly kind: "deploy-begun";
      readonly release: string;
      /** The deploy before it, which nobody had closed. */
      readonly lost?: string | undefined;
      /** The deploy before it, which was still running. */
      readonly takenOver?: string | undefined;
    }
  | {
      readonly kind: "deploy-ended";
      readonly release: string;
      readonly outcome: DeployOutcome;
      readonly note?: string | undefined;
      /** The release that became current again. */
      readonly restored?: string | undefined;
    }
  | {
      readonly kind: "manual-on";
      readonly mode: Exclude<StoredMode, "auto">;
      readonly from?: number | undefined;
      readonly until?: number | undefined;
      readonly backAt?: number | undefined;
    }
  | {
      readonly kind: "manual-off";
      /** What it was. undefined: unknown. */
      readonly mode?: Exclude<StoredMode, "auto"> | undefined;
    }
  | { readonly kind: "releases-imported"; readonly count: number };

/** How many changes are kept, and in how many bytes: every instance reads them. */
export const changesLimit = 100;
export const changesSizeLimit = 4 * 1024;

const longestName = 64;
const longestDeed = 200;
const longestNote = 100;

/** Adds a change and drops the oldest if full. */
export function noteChange(
  state: State,
  { at, by, deed }: { readonly at: number; readonly by: string; readonly deed: Deed },
): State {
  // Version 0.1 reads the words, and refuses a record without them.
  const what = shorten(wordsOf(deed), longestDeed);
  const note = deed.kind === "deploy-ended" && deed.note !== undefined && shorten(deed.note, longestNote);
  const kept = typeof note === "string" ? { ...deed, note } : deed;
  const change: Change = { at, by: shorten(by, longestName), what, deed: kept };
  const encoder = new TextEncoder();
  const changes = [...(state.changes ?? []), change].slice(-changesLimit);
  let size = 0;
  const tooOld = changes.findLastIndex((known) => {
    size += encoder.encode(JSON.stringify(known)).length + 1;
    return size > changesSizeLimit;
  });
  return { ...state, changes: changes.slice(tooOld + 1) };
}

/** As on the command line. */
function wordsOf(deed: Deed): string {
  switch (deed.kind) {
    case "release-recorded":
      return `create-release ${deed.release}`;
    case "rolled-back":
      return `rollback ${deed.release}`;
    case "deploy-begun": {
      const lost = deed.lost === undefined ? "" : `deploy ${deed.lost} was lost; `;
      const taken = deed.takenOver === undefined ? "" : `deploy ${deed.takenOver} taken over; `;
      return `${lost}${taken}deploy ${deed.release} opened`;
    }
    case "deploy-ended": {
      const note = deed.note === undefined ? "" : ` (${deed.note})`;
      const back = deed.restored === undefined ? "" : `, rollback ${deed.restored}`;
      return `deploy ${deed.release} ${deed.outcome}${note}${back}`;
    }
    case "manual-on": {
      const times = Object.entries({ from: deed.from, until: deed.until, "back-at": deed.backAt });
      const options = times.flatMap(([name, time]) =>
        time === undefined ? [] : [`--${name} ${new Date(time).toISOString()}`],
      );
      return [deed.mode === "closed" ? "on --all" : "on", ...options].join(" ");
    }
    case "manual-off":
      return "off";
    case "releases-imported":
      return `import-django, ${String(deed.count)} releases`;
  }
}

/**
 * What a change did; for one that version 0.1 recorded, as far as its words say. undefined: unknown, such as
 * what a later version records.
 */
export function deedOf({ deed, what }: Change): Deed | undefined {
  return deed === undefined ? toDeed(what) : isDeed(deed) ? deed : undefined;
}

const outcomes = ["succeeded", "failed", "aborted", "lost"] as const satisfies readonly DeployOutcome[];
const modes = ["errors", "closed"] as const;

function isDeed(value: object): value is Deed {
  const { kind, release, lost, takenOver, outcome, note, restored, mode, from, until, backAt, count } =
    value as Partial<Record<string, unknown>>;
  const areTexts = (...texts: readonly unknown[]): boolean =>
    texts.every((text) => text === undefined || typeof text === "string");
  switch (kind) {
    case "release-recorded":
    case "rolled-back":
      return typeof release === "string";
    case "deploy-begun":
      return typeof release === "string" && areTexts(lost, takenOver);
    case "deploy-ended":
      return (
        typeof release === "string" && outcomes.some((one) => one === outcome) && areTexts(note, restored)
      );
    case "manual-on":
      return (
        modes.some((one) => one === mode) &&
        [from, until, backAt].every((time) => time === undefined || Number.isFinite(time))
      );
    case "manual-off":
      return mode === undefined || modes.some((one) => one === mode);
    case "releases-imported":
      return Number.isFinite(count);
    default:
      return false;
  }
}

/** Reads the words of version 0.1, which kept nothing else. */
function toDeed(what: string): Deed | undefined {
  const recorded = /^create-release (.+)$/.exec(what)?.[1];
  if (recorded !== undefined) return { kind: "release-recorded", release: recorded };
  const rolledBack = /^rollback (.+)$/.exec(what)?.[1];
  if (rolledBack !== undefined) return { kind: "rolled-back", release: rolledBack };
  const begun = /^(?:deploy (.+) was lost; )?(?:deploy (.+) taken over; )?deploy (.+) opened$/.exec(what);
  if (begun !== null) {
    const [, lost, takenOver, release = ""] = begun;
    return { kind: "deploy-begun", release, lost, takenOver };
  }
  const ended = /^deploy (.+?) (succeeded|failed|aborted|lost)(?: \(([^]*)\))?(?:, rollback (.+))?$/.exec(
    what,
  );
  const outcome = outcomes.find((one) => one === ended?.[2]);
  if (ended !== null && outcome !== undefined) {
    const [, release = "", , note, restored] = ended;
    return { kind: "deploy-ended", release, outcome, note, restored };
  }
  if (/^on --all\b/.test(what)) return { kind: "manual-on", mode: "closed" };
  if (/^on\b/.test(what)) return { kind: "manual-on", mode: "errors" };
  if (what === "off") return { kind: "manual-off" };
  return undefined;
}

function shorten(text: string, length: number): string {
  const characters = Array.from(text);
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join("")}…`;
}
