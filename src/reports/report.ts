import { decodeSteps, type Step } from "./steps.ts";

/** Masked errors of one kind. Times are the store's, in milliseconds since 1970. */
export interface MaskedKind {
  /** The release that was current then. null: unknown. */
  readonly release: string | null;
  /** The status the app was about to send. null, here and in the next three: several, or unknown. */
  readonly status: number | null;
  /** The route's pattern, or the start of the path. */
  readonly route: string | null;
  /** The error's name, such as `TypeError`. */
  readonly error: string | null;
  /** The error's code, or a database's SQLSTATE. */
  readonly code: string | null;
  readonly count: number;
  readonly firstAt: number;
  readonly lastAt: number;
}

/** What an instance reports about itself. Times are the store's, in milliseconds since 1970. */
export interface InstanceReport {
  readonly name: string | null;
  /**
   * `proxy`: answers for instances, and has no release to wait for. `upstream`: an instance that does not
   * report itself; the gateway in front of it does, and `host` is the gateway's. Left out: an instance.
   */
  readonly role?: "proxy" | "upstream";
  readonly host: string | null;
  readonly pid: number | null;
  /** null: it does not know. */
  readonly release: string | null;
  /** Intermission's. */
  readonly version: string;
  readonly startedAt: number;
  /** It shut down properly, and this is its last report. */
  readonly stopped: boolean;
  /** It only observes: `masked` counts errors that would have been masked. */
  readonly observing?: true;
  /** Since its start. */
  readonly masked: readonly MaskedKind[];
  /** When they were masked, oldest first. Absent: not known, as of version 0.1. */
  readonly maskedSteps?: readonly Step[];
  /** When server errors stayed regular, oldest first. Those that are exempt don't count. */
  readonly regularSteps?: readonly Step[];
}

/** A report to be stored: times in as few bytes as they need. */
export interface ReportToStore extends Omit<InstanceReport, "maskedSteps" | "regularSteps"> {
  readonly steps?: { readonly masked: readonly number[]; readonly regular: readonly number[] };
}

/** An instance silent for this long counts as gone. Milliseconds. */
export const silentAfter = 60_000;

/** Most bytes of a report. */
export const maximumSize = 16_384;

/** An instance tells no more kinds apart. */
export const maximumKinds = 100;

/** Masked errors for which no separate kind was kept. */
export function isOther(kind: MaskedKind): boolean {
  return kind.status === null;
}

/** The text a store keeps. If there are too many kinds, the most frequent stay and the rest are merged. */
export function encodeReport(report: ReportToStore): string {
  const kinds = report.masked.toSorted(
    (a, b) => Number(isOther(a)) - Number(isOther(b)) || b.count - a.count,
  );
  for (let whole = kinds.length; whole >= 0; whole = whole > 8 ? Math.floor(whole * 0.9) : whole - 1) {
    const text = JSON.stringify({ ...report, masked: fold(kinds, whole) });
    if (sizeOf(text) <= maximumSize) return text;
  }
  return JSON.stringify({ ...report, masked: [] });
}

/** Keeps so many kinds and merges the rest: one for each release that was current. */
function fold(kinds: readonly MaskedKind[], whole: number): readonly MaskedKind[] {
  const others = new Map<string | null, MaskedKind>();
  for (const kind of kinds.slice(whole)) {
    const before = others.get(kind.release);
    const other = { ...kind, status: null, route: null, error: null, code: null };
    others.set(kind.release, before === undefined ? other : together(before, other));
  }
  return [...kinds.slice(0, whole), ...others.values()];
}

/** The sum of two kinds, labelled like the first. */
export function together(kind: MaskedKind, more: MaskedKind): MaskedKind {
  return {
    ...kind,
    count: kind.count + more.count,
    firstAt: Math.min(kind.firstAt, more.firstAt),
    lastAt: Math.max(kind.lastAt, more.lastAt),
  };
}

function sizeOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Longer than any name, release or route. Characters. */
const longestText = 255;
/** Milliseconds from 1970 to the last day that `Date` knows: ECMA-262, section 21.4.1.1. */
const lastTime = 8.64e15;

/** Reads what any version of {@link encodeReport} wrote, or anybody else. undefined: not a report. */
export function decodeReport(text: string): InstanceReport | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(parsed) || typeof parsed["version"] !== "string" || !isTime(parsed["startedAt"])) {
    return undefined;
  }
  const { name, role, host, pid, release, version, startedAt, stopped, observing, masked, steps } = parsed;
  const times = isObject(steps) ? steps : {};
  return {
    name: toText(name),
    ...(role === "proxy" || role === "upstream" ? { role } : {}),
    host: toText(host),
    pid: toWhole(pid),
    release: toText(release),
    version: version.slice(0, longestText),
    startedAt,
    stopped: stopped === true,
    ...(observing === true ? { observing } : {}),
    masked: Array.isArray(masked) ? masked.map(toKind).filter((kind) => kind !== undefined) : [],
    ...(Array.isArray(times["masked"]) ? { maskedSteps: decodeSteps(times["masked"]) } : {}),
    ...(Array.isArray(times["regular"]) ? { regularSteps: decodeSteps(times["regular"]) } : {}),
  };
}

function toKind(value: unknown): MaskedKind | undefined {
  if (!isObject(value)) return undefined;
  const { release, status, route, error, code, count, firstAt, lastAt } = value;
  const whole = toWhole(count);
  if (whole === null || whole < 1 || !isTime(firstAt) || !isTime(lastAt)) return undefined;
  return {
    release: toText(release),
    status: toWhole(status),
    route: toText(route),
    error: toText(error),
    code: toText(code),
    count: whole,
    firstAt,
    lastAt,
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && Math.abs(value) <= lastTime;
}

function toText(value: unknown): string | null {
  return typeof value === "string" ? value.slice(0, longestText) : null;
}

function toWhole(value: unknown): number | null {
  return Number.isSafeInteger(value) ? (value as number) : null;
}
