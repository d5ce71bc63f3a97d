import { parseDuration } from "./duration.ts";
import { bad, toText, type Given } from "./given.ts";
import type { InstanceRelease } from "./instance-release.ts";
import { parsePathGlob, type PathPattern } from "../path-glob.ts";
import type { Logger, Store } from "../ports.ts";
import { isRelease, parseRelease } from "../release.ts";
import type { StatusCode } from "../status-code.ts";

/*
 * What a setting may be. Each takes the value as it was given, and throws an IntermissionError `bad-option` that names
 * where it stood, what was expected and what was got.
 */

const truths = new Set(["true", "1", "yes", "on", "y", "t"]);
const falsehoods = new Set(["false", "0", "no", "off", "n", "f"]);
const day = 86_400_000;
const maximumExemptPaths = 64;

export function toBoolean(given: Given | undefined, otherwise: boolean): boolean {
  if (given === undefined) return otherwise;
  if (typeof given.value === "boolean") return given.value;
  const word = typeof given.value === "string" ? given.value.trim().toLowerCase() : "";
  if (truths.has(word)) return true;
  if (falsehoods.has(word)) return false;
  throw bad(given, "True/1/yes/on or False/0/no/off", `Leave it out for ${otherwise ? "True" : "False"}.`);
}

export function toRelease(given: Given): InstanceRelease {
  return { id: parseRelease(toText(given), given.name), source: given.name };
}

export function toStatusCode(given: Given | undefined, otherwise: number): StatusCode {
  if (given === undefined) return otherwise;
  if (typeof given.value === "string" && given.value.trim().toLowerCase() === "original") return "original";
  const code = toNumber(given);
  if (!Number.isInteger(code) || code < 400 || code > 599) {
    throw bad(
      given,
      "a status from 400 to 599, or original",
      "Leave it out for 503, which is right for nearly everyone.",
    );
  }
  return code;
}

export function toStore(given: Given | undefined, otherwise: string): string | Store {
  if (given === undefined) return otherwise;
  if (typeof given.value === "string") return given.value;
  if (hasMethods<Store>(given.value, "read", "write", "close")) return given.value;
  throw bad(given, "a store URL, or a store such as postgresStore({ pool })");
}

export function toName(given: Given | undefined): string | undefined {
  if (given === undefined) return undefined;
  const name = toText(given).trim();
  if (!isRelease(name)) throw bad(given, "1 to 127 characters without control characters");
  return name;
}

export function toRetryAfter(given: Given | undefined, otherwise: number): number {
  if (given === undefined) return otherwise;
  const duration = typeof given.value === "string" ? parseDuration(given.value) : undefined;
  const seconds = duration === undefined ? toNumber(given) : Math.ceil(duration / 1000);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > day / 1000) {
    throw bad(given, "whole seconds from 1 to 86400, or a duration such as 90s or 2m");
  }
  return seconds;
}

export function toMaxWindow(given: Given | undefined): number | undefined {
  if (given === undefined) return undefined;
  const { value } = given;
  const milliseconds = typeof value === "string" ? parseDuration(value) : value;
  if (typeof milliseconds !== "number" || !(milliseconds >= 1) || milliseconds > 365 * day) {
    throw bad(given, "a duration such as 90s, 30m or 2h, at most 365d", "Leave it out for no limit.");
  }
  return milliseconds;
}

export function toExempt(given: Given | undefined): readonly PathPattern[] {
  if (given === undefined) return [];
  const globs: unknown = typeof given.value === "string" ? given.value.split(",") : given.value;
  if (!Array.isArray(globs) || !globs.every((glob) => typeof glob === "string")) {
    throw bad(given, "a list of path globs such as /health");
  }
  const named = globs.filter((glob) => glob.trim() !== "");
  if (named.length > maximumExemptPaths) {
    throw bad(
      { ...given, value: `${String(named.length)} globs` },
      `at most ${String(maximumExemptPaths)} globs`,
    );
  }
  return named.map(parsePathGlob);
}

export function toMilliseconds(
  option: string,
  value: unknown,
  otherwise: number,
  minimum: number,
  maximum: number,
): number {
  if (value === undefined) return otherwise;
  if (typeof value === "number" && value >= minimum && value <= maximum) return value;
  throw bad(
    { value, name: `the option ${option}` },
    `milliseconds from ${String(minimum)} to ${String(maximum)}`,
  );
}

export function toFunction<F>(option: string, value: F | undefined): F | undefined {
  if (value === undefined || typeof value === "function") return value;
  throw bad({ value, name: `the option ${option}` }, "a function");
}

export function toLogger(value: unknown): Logger {
  if (value === undefined) return console;
  if (hasMethods<Logger>(value, "warn", "error")) return value;
  throw bad(
    { value, name: "the option logger" },
    "an object with the methods warn and error, such as console",
  );
}

function hasMethods<Kind extends object>(value: unknown, ...names: readonly (keyof Kind)[]): value is Kind {
  if (typeof value !== "object" || value === null) return false;
  return names.every((name) => typeof (value as Kind)[name] === "function");
}

/** NaN for what is no number, so that each range check refuses it. */
function toNumber({ value }: Given): number {
  if (typeof value === "number") return value;
  return typeof value === "string" && /^\d{1,9}$/.test(value.trim()) ? Number(value) : Number.NaN;
}
