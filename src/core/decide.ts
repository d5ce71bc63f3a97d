import { isManualExempt, isOpenHealthPath, type ManualFacts } from "./exemption.ts";
import { matchesPath, type PathPattern } from "./path-glob.ts";
import type { PageCause } from "./ports.ts";
import { currentRelease, type State } from "./state/state.ts";
import { modeAt } from "./state/manual.ts";

/** Why a verdict is what it is, in the order {@link decide} checks. */
export type Reason =
  | "exempt"
  | "manual"
  | "no-instance-release"
  | "no-current-release"
  | "store-unknown"
  | "release-mismatch"
  | "deploy-open"
  | "window-passed"
  | "not-masked"
  | "release-match";

export interface Verdict {
  readonly verdict: "regular" | "maintenance";
  readonly reason: Reason;
  /** It would be `maintenance` if this instance did more than observe. */
  readonly observed?: true;
}

/** What is known about a response before it is sent. */
export interface Facts extends ManualFacts {
  readonly status: number;
  readonly contentType?: string | undefined;
  /** The response already has `Retry-After`: the app means this error. */
  readonly retryAfter?: boolean | undefined;
  /** The `skip` option said so, or it is too late to replace the response. */
  readonly skipped?: boolean | undefined;
  /** What the app threw, if the framework reveals it. For the option `mask`. */
  readonly error?: unknown;
}

/** The settings that a verdict depends on. */
export interface DecideSettings {
  readonly manual: boolean;
  /** Milliseconds. */
  readonly maxWindow?: number | undefined;
  readonly exempt: readonly PathPattern[];
}

const verdicts = {
  exempt: { verdict: "regular", reason: "exempt" },
  manual: { verdict: "maintenance", reason: "manual" },
  noInstanceRelease: { verdict: "regular", reason: "no-instance-release" },
  noCurrentRelease: { verdict: "regular", reason: "no-current-release" },
  storeUnknown: { verdict: "regular", reason: "store-unknown" },
  releaseMismatch: { verdict: "maintenance", reason: "release-mismatch" },
  deployOpen: { verdict: "maintenance", reason: "deploy-open" },
  windowPassed: { verdict: "regular", reason: "window-passed" },
  releaseMatch: { verdict: "regular", reason: "release-match" },
} as const satisfies Record<string, Verdict>;

/**
 * The one rule: whether a server error is shown as it is or becomes the maintenance page. The first line that
 * matches decides.
 *
 * @param state `undefined`: the store was never read.
 * @param now The store's time, in milliseconds since 1970.
 */
export function decide(
  settings: DecideSettings,
  instanceRelease: string | undefined,
  state: State | undefined,
  facts: Facts,
  now: number,
): Verdict {
  if (isExempt(settings, facts)) return verdicts.exempt;
  if (settings.manual || isManual(state, facts, now)) return verdicts.manual;
  if (instanceRelease === undefined) return verdicts.noInstanceRelease;
  if (state === undefined) return verdicts.storeUnknown;
  const current = currentRelease(state);
  if (current === undefined) return verdicts.noCurrentRelease;

  const mismatch = instanceRelease !== current.id;
  const windowPassed = settings.maxWindow !== undefined && now - current.at >= settings.maxWindow;
  if (mismatch && !windowPassed) return verdicts.releaseMismatch;
  if (state.deploy !== undefined && now < state.deploy.leaseUntil) return verdicts.deployOpen;
  return mismatch ? verdicts.windowPassed : verdicts.releaseMatch;
}

/** Turns a verdict into that of an instance that only observes. */
export function observe({ verdict, reason }: Verdict): Verdict {
  return verdict === "maintenance" ? { verdict: "regular", reason, observed: true } : { verdict, reason };
}

/** The page's cause for an error masked for this reason. */
export function causeOf({ reason }: Verdict): PageCause {
  return reason === "manual" ? "manual" : "deploy";
}

/**
 * Whether a request gets the page without reaching the app.
 *
 * @param now The store's time, in milliseconds since 1970.
 */
export function isClosed(settings: DecideSettings, state: State, facts: ManualFacts, now: number): boolean {
  if (modeAt(state, now) !== "closed") return false;
  return (
    !matchesPath(settings.exempt, facts.path) &&
    !isManualExempt(state.manual, facts) &&
    !isOpenHealthPath(state.manual, facts)
  );
}

/**
 * Since when an instance's release has not been the current one: the store's time, in milliseconds since
 * 1970. undefined: it is the current one, or one of the two is unknown.
 *
 * @param startedAt When the instance started. Counts for a release that was never recorded: a new machine may
 * start before its release is.
 */
export function mismatchSince(
  { releases }: Pick<State, "releases">,
  release: string | null | undefined,
  startedAt: number,
): number | undefined {
  const current = releases.at(-1);
  if (typeof release !== "string" || current === undefined || release === current.id) return undefined;
  return releases.some(({ id }) => id === release) ? current.at : Math.max(current.at, startedAt);
}

/** Whether a mismatch has lasted longer than a deploy should. Changes no verdict. */
export function isLongMismatch(
  { warnAfter }: { readonly warnAfter: number | undefined },
  since: number | undefined,
  now: number,
): since is number {
  return warnAfter !== undefined && since !== undefined && now - since >= warnAfter;
}

export function isServerError(status: number): boolean {
  return status >= 500 && status <= 599;
}

function isManual(state: State | undefined, facts: Facts, now: number): boolean {
  if (state === undefined || modeAt(state, now) === "auto") return false;
  return !isManualExempt(state.manual, facts);
}

function isExempt(settings: DecideSettings, facts: Facts): boolean {
  const { status, contentType, retryAfter, skipped } = facts;
  if (!isServerError(status) || retryAfter === true || skipped === true) return true;
  // A gRPC client reads trailers, not pages: https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md
  if (contentType?.toLowerCase().startsWith("application/grpc") === true) return true;
  return matchesPath(settings.exempt, facts.path);
}

/** The page's status: 400 to 599, or `original`, the status the app sent. */
export type StatusCode = number | "original";

/** Service Unavailable: RFC 9110 section 15.6.4. */
export const unavailable = 503;

/**
 * The status the page is sent with.
 *
 * @param failed The status the app sent. Left out: the app was not asked, or nobody knows.
 */
export function pageStatus(statusCode: StatusCode, cause: PageCause, failed: number | undefined): number {
  if (statusCode !== "original") return statusCode;
  return cause === "closed" ? unavailable : (failed ?? unavailable);
}

/** Where a masked response keeps the status the app sent: `Symbol.for("intermission.originalStatus")`. */
const originalStatusKey: unique symbol = Symbol.for("intermission.originalStatus");

export function keepOriginalStatus(response: object, status: number): void {
  (response as { [originalStatusKey]?: number })[originalStatusKey] = status;
}

/** undefined: not a response. */
export function readOriginalStatus(response: unknown): number | undefined {
  if (typeof response !== "object" || response === null) return undefined;
  const { status, statusCode } = response as { readonly status?: unknown; readonly statusCode?: unknown };
  const kept = (response as Readonly<Record<symbol, unknown>>)[originalStatusKey];
  return [kept, statusCode, status].find((one) => typeof one === "number");
}
