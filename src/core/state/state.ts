import { IntermissionError, reasonOf, show } from "../errors.ts";
import { isRelease } from "../release.ts";

export interface RecordedRelease {
  readonly id: string;
  /** When it last became current: the store's time, in milliseconds since 1970. */
  readonly at: number;
}

/** `auto`: the releases decide. `errors`: every server error gets the page. `closed`: every request gets it. */
export type StoredMode = "auto" | "errors" | "closed";

export interface OpenDeploy {
  readonly release: string;
  readonly openedAt: number;
  /** After this time (the store's) the deploy is lost and masks nothing. */
  readonly leaseUntil: number;
  /** Who opened it. */
  readonly by?: string;
  /** Unique to this deploy. */
  readonly id?: string;
  /** The release before it. Absent: there was none, or it is the same. */
  readonly previous?: string;
  /** Its announced duration, from `openedAt` on. Milliseconds. */
  readonly takes?: number;
}

/** What the operator set with manual mode. Times are the store's, in milliseconds since 1970. */
export interface Manual {
  /** Shown to visitors instead of the page's own words. At most 500 characters. */
  readonly message?: string;
  /** When the site is expected back. */
  readonly backAt?: number;
  /** The mode applies from this time, and until the next one. */
  readonly from?: number;
  readonly until?: number;
  /** Path globs the mode does not apply to. At most 16. */
  readonly exemptPaths?: readonly string[];
  /** Client addresses and ranges (CIDR) the mode does not apply to. At most 16. */
  readonly exemptAddresses?: readonly string[];
  /** A closed site leaves the paths of health checks open unless this is set. */
  readonly closeHealthPaths?: boolean;
  /** Signs links past the page: 32 bytes in base64url. */
  readonly key?: string;
  /** Who turned the mode on, and when. */
  readonly by?: string;
  readonly at?: number;
}

/** Who changed what, for the history. */
export interface Change {
  /** The store's time, in milliseconds since 1970. */
  readonly at: number;
  /** Such as `deploy@runner-7`. At most 64 characters. */
  readonly by: string;
  /** As on the command line, such as `create-release v1.1`. At most 200 characters. */
  readonly what: string;
  /** The same as data: `deedOf` reads it. Absent: recorded by version 0.1. */
  readonly deed?: { readonly kind: string };
}

/** A running rehearsal: the holder of its key may ask instances for the page. */
export interface Rehearsal {
  /** Unique. At most 32 characters. */
  readonly id: string;
  /** 32 bytes in base64url. */
  readonly key: string;
  /** The store's time, in milliseconds since 1970. */
  readonly expiresAt: number;
}

/** What a store's record says. Immutable: a transition returns a new one. */
export interface State {
  /** Each release once, in the order they became current. The last is the current one. */
  readonly releases: readonly RecordedRelease[];
  readonly mode: StoredMode;
  /** The settings of a mode other than `auto`. */
  readonly manual?: Manual;
  readonly deploy?: OpenDeploy;
  /** Durations of the last successful deploys in milliseconds, newest last. At most 10. */
  readonly deployTimes?: readonly number[];
  /** Newest last. */
  readonly changes?: readonly Change[];
  /** At most 4. */
  readonly rehearsals?: readonly Rehearsal[];
}

export const emptyState: State = Object.freeze({ releases: Object.freeze([]), mode: "auto" });

export function currentRelease(state: State): RecordedRelease | undefined {
  return state.releases.at(-1);
}

/**
 * The text that a store keeps.
 *
 * @param mark Random for each write. It comes first, so that the start of a text tells apart two writes that
 * got the same version because a server lost one of them.
 */
export function encodeState(state: State, mark?: string): string {
  return JSON.stringify(mark === undefined ? state : { mark, ...state });
}

/** About ten times what 200 releases with the longest names need. Characters. */
const longestRecord = 524_288;

/**
 * Reads what {@link encodeState} wrote. Keeps fields added by a newer version, so that an older one does not
 * lose them when it writes.
 *
 * @throws IntermissionError `state-unreadable`
 */
export function decodeState(text: string): State {
  if (text.length > longestRecord) throw unreadable(`${String(text.length)} characters`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw unreadable(reasonOf(error), error);
  }
  if (!isObject(parsed)) throw unreadable(show(parsed));
  delete parsed["mark"];
  const { releases, mode = "auto", manual, deploy, deployTimes, changes, rehearsals } = parsed;
  if (!isListOf(releases, isRecordedRelease))
    throw unreadable("something else in place of the list of releases");
  if (mode !== "auto" && mode !== "errors" && mode !== "closed") throw unreadable(`the mode ${show(mode)}`);
  if (manual !== undefined && !isManual(manual))
    throw unreadable("something else in place of the manual mode");
  if (deploy !== undefined && !isOpenDeploy(deploy))
    throw unreadable("something else in place of the open deploy");
  if (deployTimes !== undefined && !isListOf(deployTimes, isNumber))
    throw unreadable("times of deploys that are not times");
  if (changes !== undefined && !isListOf(changes, isChange)) throw unreadable("changes that are none");
  if (rehearsals !== undefined && !isListOf(rehearsals, isRehearsal))
    throw unreadable("rehearsals that are none");
  return {
    ...parsed,
    releases,
    mode,
    ...(manual === undefined ? {} : { manual }),
    ...(deploy === undefined ? {} : { deploy }),
    ...(deployTimes === undefined ? {} : { deployTimes }),
    ...(changes === undefined ? {} : { changes }),
    ...(rehearsals === undefined ? {} : { rehearsals }),
  };
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
    Number.isFinite(value["leaseUntil"]) &&
    ["by", "id", "previous"].every((name) => isOptional(value[name], isText)) &&
    isOptional(value["takes"], isNumber)
  );
}

function isManual(value: unknown): value is Manual {
  return (
    isObject(value) &&
    ["message", "key", "by"].every((name) => isOptional(value[name], isText)) &&
    ["backAt", "from", "until", "at"].every((name) => isOptional(value[name], Number.isFinite)) &&
    isOptional(value["closeHealthPaths"], isBoolean) &&
    ["exemptPaths", "exemptAddresses"].every((name) =>
      isOptional(value[name], (list) => isListOf(list, isText)),
    )
  );
}

function isChange(value: unknown): value is Change {
  if (!isObject(value)) return false;
  const { at, by, what, deed } = value;
  return (
    Number.isFinite(at) &&
    isText(by) &&
    isText(what) &&
    isOptional(deed, (data) => isObject(data) && isText(data["kind"]))
  );
}

function isRehearsal(value: unknown): value is Rehearsal {
  return (
    isObject(value) && isText(value["id"]) && isText(value["key"]) && Number.isFinite(value["expiresAt"])
  );
}

function isListOf<Item>(value: unknown, isItem: (item: unknown) => item is Item): value is readonly Item[] {
  return Array.isArray(value) && value.every(isItem);
}

function isOptional(value: unknown, is: (value: unknown) => boolean): boolean {
  return value === undefined || is(value);
}

function isNumber(value: unknown): value is number {
  return Number.isFinite(value);
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}

function isText(value: unknown): value is string {
  return typeof value === "string";
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

/** The start of a value, for the `knownStart` of {@link Store.read}. */
export function startOf(value: string): string | undefined {
  return /^[ -~]{1,32}/.exec(value)?.[0];
}
