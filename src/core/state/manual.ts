import { parseAddressRange, mostExemptions } from "../exemption.ts";
import { IntermissionError, show } from "../errors.ts";
import { parsePathGlob } from "../path-glob.ts";
import type { Manual, State, StoredMode } from "./state.ts";
import type { PageCause } from "../ports.ts";

/** A store's time in milliseconds since 1970, or so many milliseconds from the store's time now. */
export type Moment = number | { readonly fromNow: number };

/** `errors`: every server error gets the page. `closed`: every request gets it. */
export interface SwitchOn {
  readonly mode: Exclude<StoredMode, "auto">;
  /** Shown to visitors instead of the page's own words. At most 500 characters, on one line. */
  readonly message?: string | undefined;
  /** When the site is expected back: shown, and sent as `Retry-After`. */
  readonly backAt?: Moment | undefined;
  /** The mode applies from this time, and until the next one. */
  readonly from?: Moment | undefined;
  readonly until?: Moment | undefined;
  /** Path globs the mode does not apply to. At most 16. */
  readonly exemptPaths?: readonly string[] | undefined;
  /** Client addresses and ranges (CIDR) the mode does not apply to. At most 16. */
  readonly exemptAddresses?: readonly string[] | undefined;
  /**
   * Also closes the paths of health checks (`/healthz`, `/up` …), which a closed site normally leaves open.
   */
  readonly closeHealthPaths?: boolean | undefined;
}

export const longestMessage = 500;

/** More than a year away is a typo. Milliseconds. */
const farthest = 366 * 86_400_000;

/**
 * Turns manual mode on and replaces any earlier settings.
 *
 * @param who Who does so, and the new key that signs links past the page.
 * @param now The store's time, in milliseconds since 1970.
 * @throws IntermissionError `bad-option`
 */
export function switchOn(
  state: State,
  { mode, message, backAt, from, until, exemptPaths = [], exemptAddresses = [], closeHealthPaths }: SwitchOn,
  who: { readonly by: string; readonly key: string },
  now: number,
): { readonly state: State; readonly manual: Manual } {
  const times = { from: toTime("from", from, now), until: toTime("until", until, now) };
  const back = toTime("backAt", backAt, now);
  if (times.until !== undefined && times.until <= (times.from ?? now)) {
    throw bad("until", isoOf(times.until), times.from === undefined ? "a time to come" : "a time after from");
  }
  if (back !== undefined && back <= now) throw bad("backAt", isoOf(back), "a time to come");
  refuseMany("exemptPaths", exemptPaths);
  refuseMany("exemptAddresses", exemptAddresses);
  exemptPaths.forEach(parsePathGlob);
  exemptAddresses.forEach(parseAddressRange);
  const words = message === undefined ? "" : toMessage(message);
  const manual: Manual = {
    ...(words === "" ? {} : { message: words }),
    ...(back === undefined ? {} : { backAt: back }),
    ...(times.from === undefined ? {} : { from: times.from }),
    ...(times.until === undefined ? {} : { until: times.until }),
    ...(exemptPaths.length === 0 ? {} : { exemptPaths: trimmed(exemptPaths) }),
    ...(exemptAddresses.length === 0 ? {} : { exemptAddresses: trimmed(exemptAddresses) }),
    ...(closeHealthPaths === true ? { closeHealthPaths } : {}),
    ...who,
    at: now,
  };
  return { state: { ...switchOff(state), mode, manual }, manual };
}

/** Turns manual mode off: the releases decide again. */
export function switchOff(state: State): State {
  if (state.mode === "auto" && state.manual === undefined) return state;
  const off: State = { ...state, mode: "auto" };
  delete (off as { manual?: Manual }).manual;
  return off;
}

/**
 * The mode in effect at a time: `auto` outside the times that were set with it.
 *
 * @param now The store's time, in milliseconds since 1970.
 */
export function modeAt({ mode, manual }: State, now: number): StoredMode {
  if (mode === "auto" || manual === undefined) return mode;
  const { from = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY } = manual;
  return now >= from && now < until ? mode : "auto";
}

function toTime(name: string, moment: Moment | undefined, now: number): number | undefined {
  if (moment === undefined) return undefined;
  const time = typeof moment === "number" ? moment : now + moment.fromNow;
  if (!Number.isFinite(time) || Math.abs(time - now) > farthest)
    throw bad(name, isoOf(time), "a time within a year");
  return Math.round(time);
}

function isoOf(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? String(time) : date.toISOString();
}

function toMessage(message: string): string {
  const words = message.trim();
  const length = Array.from(words).length;
  if (length > longestMessage)
    throw bad("message", `${String(length)} characters`, `at most ${String(longestMessage)} characters`);
  if (/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(words)) throw bad("message", show(words), "one line of text");
  return words;
}

function refuseMany(name: string, list: readonly string[]): void {
  if (list.length > mostExemptions)
    throw bad(name, `${String(list.length)} of them`, `at most ${String(mostExemptions)}`);
}

function trimmed(texts: readonly string[]): readonly string[] {
  return texts.map((text) => text.trim());
}

function bad(name: string, got: string, expected: string): IntermissionError {
  return new IntermissionError("bad-option", {
    problem: `Manual mode can't be turned on: its ${name} can't be used`,
    expected,
    got,
    remedy: "Nothing was changed.",
  });
}

/** What a page says beyond its built-in text. */
export interface Notice {
  /** Replaces the page's own words. */
  readonly message?: string | undefined;
  /** Whole seconds until the site is expected back, at least 1. undefined: nobody said. */
  readonly backIn?: number | undefined;
}

const nothing: Notice = Object.freeze({});

/**
 * What to tell visitors: the operator's message in manual mode; and when the site is back, according to the
 * operator, else the open deploy.
 *
 * @param now The store's time, in milliseconds since 1970.
 */
export function noticeOf(state: State | undefined, cause: PageCause, now: number): Notice {
  if (state === undefined) return nothing;
  const { message, backIn = deployBackIn(state, now) } = toldByOperator(state, cause, now);
  return message === undefined && backIn === undefined ? nothing : { message, backIn };
}

function toldByOperator(state: State, cause: PageCause, now: number): Notice {
  if (cause === "deploy" || state.manual === undefined || modeAt(state, now) === "auto") return nothing;
  const { message, backAt, until } = state.manual;
  // `errors` leaves the site up, so `until` says nothing; a closed site is back by then at the latest. An
  // overdue return is not shown.
  const end = state.mode === "closed" ? until : undefined;
  const back = [backAt, end].find((time) => time !== undefined && time > now);
  return {
    message: message && cut(message),
    backIn: back === undefined ? undefined : Math.ceil((back - now) / 1000),
  };
}

/** A record written by hand may exceed the command's limits. */
function cut(message: string): string {
  return message.length <= longestMessage ? message : Array.from(message).slice(0, longestMessage).join("");
}

/** How many durations are kept: a few bytes each, in the record that every instance reads. */
const mostRemembered = 10;
/** Fewer than this predict nothing: an app's first deploy is seldom typical. */
const fewestRemembered = 3;

/** Limits of a deploy's expected duration. Milliseconds. */
export const shortestDeploy = 1000;
export const longestDeploy = 86_400_000;

const minute = 60;

/**
 * When the open deploy should end: as announced when it was opened, else by the median of earlier ones.
 *
 * @param now The store's time, in milliseconds since 1970.
 * @returns Seconds, rounded up to whole minutes, or to tens in the last minute, so that nobody returns too
 * early and one page stays valid for a while. `undefined`: unknown, or overdue.
 */
export function deployBackIn({ deploy, deployTimes = [] }: State, now: number): number | undefined {
  if (deploy === undefined || now >= deploy.leaseUntil) return undefined;
  const takes = deploy.takes ?? usualTime(deployTimes);
  if (takes === undefined) return undefined;
  // A store whose clock was set back must not delay the end.
  const left = Math.min(takes, deploy.openedAt + takes - now) / 1000;
  if (!(left > 0)) return undefined;
  const step = left > minute ? minute : 10;
  return Math.ceil(left / step) * step;
}

/** Adds a deploy's duration and drops the oldest if full. */
export function rememberDeployTime(state: State, milliseconds: number): State {
  const time = Math.round(Math.min(Math.max(milliseconds, 0), longestDeploy));
  return { ...state, deployTimes: [...(state.deployTimes ?? []), time].slice(-mostRemembered) };
}

function usualTime(times: readonly number[]): number | undefined {
  if (times.length < fewestRemembered) return undefined;
  const sorted = times.toSorted((one, other) => one - other);
  // Of the two middle ones the longer: better too late than too early.
  return sorted[Math.floor(sorted.length / 2)];
}
