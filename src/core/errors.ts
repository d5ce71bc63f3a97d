/** Every error that Intermission throws on purpose, by `code`. Anything else is a bug: please report it. */
export const errorCodes = {
  "bad-option": "An option or environment variable has a value that can't be used.",
  "unknown-option": "An option that does not exist.",
  "bad-release": "A release identifier that can't be used.",
  "no-release": "No release identifier was given or found.",
  "unknown-release": "The release was never recorded, so it can't be made current again.",
  "no-earlier-release": "There is no release before the current one.",
  "known-release": "The release was recorded before, and is not the current one.",
  "deploy-open": "Another deploy is open.",
  "deploy-gone": "The deploy was closed or taken over.",
  "instances-behind": "Instances run another release than the current one.",
  "listen-failed": "A server could not listen on its address.",
  "client-missing": "The package of the store's client is not installed.",
  "store-failed": "The store could not be read or written.",
  "store-denied": "The store's user lacks a right.",
  "write-unknown": "The store gave no answer to a write, so nobody knows whether it was done.",
  "push-unavailable": "The store can't push changes over this connection.",
  "store-busy": "The record changed too often while it was being written.",
  "state-unreadable": "The store holds a record that can't be understood.",
} as const;

export type ErrorCode = keyof typeof errorCodes;

export interface ErrorParts {
  /** One sentence: what failed. */
  readonly problem: string;
  /** What would be right. */
  readonly expected?: string;
  /** What was there instead, shortened if long. Never a secret. */
  readonly got?: string;
  /** What to do about it. */
  readonly remedy?: string;
  readonly cause?: unknown;
  /** False: nothing was written, nor will be. Left out: unknown, or there was nothing to write. */
  readonly written?: false;
}

export class IntermissionError extends Error {
  override readonly name = "IntermissionError";
  readonly code: ErrorCode;
  readonly problem: string;
  readonly expected: string | undefined;
  readonly got: string | undefined;
  readonly remedy: string | undefined;
  readonly written: false | undefined;

  constructor(code: ErrorCode, parts: ErrorParts) {
    super(toMessage(parts), parts.cause === undefined ? undefined : { cause: parts.cause });
    this.code = code;
    this.problem = parts.problem;
    this.expected = parts.expected;
    this.got = parts.got;
    this.remedy = parts.remedy;
    this.written = parts.written;
  }
}

/** Checks name and code, so that an error from a second copy of this package counts too. */
export function isIntermissionError(error: unknown): error is IntermissionError {
  return (
    error instanceof Error &&
    error.name === "IntermissionError" &&
    "code" in error &&
    typeof error.code === "string" &&
    error.code in errorCodes
  );
}

// In addition to control characters: those that change text direction, break lines or are invisible.
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** A value for a message: quoted, on one line, printable, at most 80 characters. */
export function show(value: unknown): string {
  let text: string;
  if (typeof value === "string") text = JSON.stringify(value);
  else if (typeof value === "function") text = "a function";
  else if (typeof value === "object" && value !== null)
    text = Array.isArray(value) ? "an array" : "an object";
  else text = String(value);
  return toPrintable(text, 80);
}

/** The first line of anything thrown, for a message: printable, at most 200 characters. Never throws. */
export function reasonOf(error: unknown): string {
  const text = toText(error);
  // Refused connections to several addresses arrive as an AggregateError without a message.
  const code =
    error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
  const line = text.split("\n", 1)[0] ?? "";
  return toPrintable(line === "AggregateError" && code !== undefined ? code : line, 200);
}

function toText(error: unknown): string {
  try {
    // A message may be anything at runtime, and an object may refuse to become a string.
    return String(error instanceof Error ? error.message || error.name : error);
  } catch {
    return "something that can't be shown";
  }
}

function toPrintable(text: string, maximumLength: number): string {
  const printable = text
    .slice(0, maximumLength + 1)
    .replace(unprintable, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
  if (printable.length <= maximumLength) return printable;
  // Don't end on half a character.
  return `${printable.slice(0, maximumLength - 4).replace(/[\ud800-\udbff]$/, "")}…`;
}

function toMessage(parts: ErrorParts): string {
  return parts.remedy === undefined ? findingOf(parts) : `${findingOf(parts)} ${parts.remedy}`;
}

/** The message without its remedy, for whoever shows that elsewhere. */
export function findingOf({
  problem,
  expected,
  got,
}: {
  readonly problem: string;
  readonly expected?: string | undefined;
  readonly got?: string | undefined;
}): string {
  const facts = [
    expected === undefined ? undefined : `expected ${expected}`,
    got === undefined ? undefined : `got ${got}`,
  ].filter((fact) => fact !== undefined);
  const detail = facts.length > 0 ? ` (${facts.join(", ")})` : "";
  return `${problem}${detail}.`;
}

/** A value and where it was found, so that a message can name both. */
export interface Given {
  readonly value: unknown;
  readonly name: string;
  /** Its default, in words. */
  readonly otherwise?: string | undefined;
}

/** A `bad-option` error for a setting. */
export function bad(given: Given, expected: string): IntermissionError {
  return new IntermissionError("bad-option", {
    problem: `The value of ${given.name} can't be used`,
    expected,
    got: show(given.value),
    ...(given.otherwise === undefined ? {} : { remedy: `Leave it out for ${given.otherwise}.` }),
  });
}

/** Every operation on a closed store rejects with this. */
export function storeClosed(): IntermissionError {
  return new IntermissionError("store-failed", {
    problem: "The store is closed",
    written: false,
    remedy: "Close it only when nothing uses it, or open it again.",
  });
}

/** For a request for reports that the store does not keep. */
export function keepsNoReports(): IntermissionError {
  return new IntermissionError("store-failed", {
    problem: "The store keeps no reports of instances",
    remedy: "Name one that does: PostgreSQL, MySQL, Redis, NATS, etcd or SQLite.",
  });
}
