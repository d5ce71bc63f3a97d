/** Masked errors that are alike. Times are the store's, in milliseconds since 1970. */
export interface MaskedKind {
  /** The release that was current when they were masked. null: unknown. */
  readonly release: string | null;
  /** The status that the app was about to send. null, like the three that follow: of several kinds, or unknown. */
  readonly status: number | null;
  /** The route's pattern, or the beginning of the path. */
  readonly route: string | null;
  /** The error's name, such as `TypeError`. */
  readonly error: string | null;
  /** The error's code, or a database's SQLSTATE. */
  readonly code: string | null;
  readonly count: number;
  readonly firstAt: number;
  readonly lastAt: number;
}

/** What an instance says of itself. Times are the store's, in milliseconds since 1970. */
export interface InstanceReport {
  readonly name: string | null;
  /**
   * `proxy`: it answers for instances, and has no release of its own that anybody could wait for. `upstream`: an instance
   * that does not report itself; the gateway in front of it does, and `host` is the gateway's. Left out: it is an instance.
   */
  readonly role?: "proxy" | "upstream";
  readonly host: string | null;
  readonly pid: number | null;
  /** null: unknown to itself. */
  readonly release: string | null;
  /** Of Intermission. */
  readonly version: string;
  readonly startedAt: number;
  /** It was closed in good order, and this is its last report. */
  readonly stopped: boolean;
  /** It replaces nothing: what it has masked are errors that would have been. */
  readonly observing?: true;
  /** Since its start. */
  readonly masked: readonly MaskedKind[];
}

/** An instance that puts nothing for so long counts as gone. Milliseconds. */
export const silentAfter = 60_000;

/** Bytes of a report, at most. */
export const maximumSize = 16_384;

/** More kinds than that no instance tells apart. */
export const maximumKinds = 100;

/** Masked errors that no kind of their own was kept for. */
export function isOther(kind: MaskedKind): boolean {
  return kind.status === null;
}

/** The text that a store keeps. Of too many kinds the most frequent are kept whole, and the others become one. */
export function encodeReport(report: InstanceReport): string {
  const kinds = report.masked.toSorted(
    (a, b) => Number(isOther(a)) - Number(isOther(b)) || b.count - a.count,
  );
  for (let whole = kinds.length; whole >= 0; whole = whole > 8 ? Math.floor(whole * 0.9) : whole - 1) {
    const text = JSON.stringify({ ...report, masked: fold(kinds, whole) });
    if (sizeOf(text) <= maximumSize) return text;
  }
  return JSON.stringify({ ...report, masked: [] });
}

/** Keeps so many kinds, and puts the others together: one for each release that was current. */
function fold(kinds: readonly MaskedKind[], whole: number): readonly MaskedKind[] {
  const others = new Map<string | null, MaskedKind>();
  for (const kind of kinds.slice(whole)) {
    const before = others.get(kind.release);
    const other = { ...kind, status: null, route: null, error: null, code: null };
    others.set(kind.release, before === undefined ? other : together(before, other));
  }
  return [...kinds.slice(0, whole), ...others.values()];
}

/** The sum of two kinds, called as the first is. */
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

/** Reads what {@link encodeReport} wrote, whichever version it was. undefined: it is no report. */
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
  const { name, role, host, pid, release, version, startedAt, stopped, observing, masked } = parsed;
  return {
    name: toText(name),
    ...(role === "proxy" || role === "upstream" ? { role } : {}),
    host: toText(host),
    pid: toWhole(pid),
    release: toText(release),
    version,
    startedAt,
    stopped: stopped === true,
    ...(observing === true ? { observing } : {}),
    masked: Array.isArray(masked) ? masked.map(toKind).filter((kind) => kind !== undefined) : [],
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
  return typeof value === "number" && Number.isFinite(value);
}

function toText(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function toWhole(value: unknown): number | null {
  return Number.isSafeInteger(value) ? (value as number) : null;
}
