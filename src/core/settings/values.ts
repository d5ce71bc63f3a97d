import {
  toBrandParts,
  themeNames,
  type PageFormat,
  type PageOptions,
  type ThemeName,
} from "./page-options.ts";
import { bad, type Given } from "../errors.ts";
import { type InstanceRelease, isRelease, parseRelease } from "../release.ts";
import { parsePathGlob, type PathPattern } from "../path-glob.ts";
import type { Logger, Store } from "../ports.ts";
import type { StatusCode } from "../decide.ts";

/*
 * What values a setting may have. Each function throws an IntermissionError `bad-option` that names the
 * place, what it expected and what it got.
 */

const truths = new Set(["true", "1", "yes", "on", "y", "t"]);
const falsehoods = new Set(["false", "0", "no", "off", "n", "f"]);
export const day = 86_400_000;
const maximumExemptPaths = 64;
const maximumFormats = 16;
const maximumMediaTypes = 16;
const mediaTypePattern = /^[\w!#$&^.+-]{1,127}\/[\w!#$&^.+-]{1,127}$/;
// Latin letters, digits and punctuation: what can stand in a header.
const headerPattern = /^[\x20-\x7e]{1,255}$/;

export function toBoolean(given: Given): boolean {
  if (typeof given.value === "boolean") return given.value;
  const word = typeof given.value === "string" ? given.value.trim().toLowerCase() : "";
  if (truths.has(word)) return true;
  if (falsehoods.has(word)) return false;
  throw bad(given, "True/1/yes/on or False/0/no/off");
}

export function toRelease(given: Given): InstanceRelease {
  return { id: parseRelease(toText(given), given.name), source: given.name };
}

export function toStatusCode(given: Given): StatusCode {
  if (typeof given.value === "string" && given.value.trim().toLowerCase() === "original") return "original";
  const code = toNumber(given);
  if (!Number.isInteger(code) || code < 400 || code > 599) {
    throw bad(given, "a status from 400 to 599, or original");
  }
  return code;
}

export function toStore(given: Given): string | Store {
  if (typeof given.value === "string") return given.value;
  if (hasMethods<Store>(given.value, "read", "write", "close")) return given.value;
  throw bad(given, "a store URL, or a store such as postgresStore({ pool })");
}

export function toName(given: Given): string {
  const name = toText(given).trim();
  if (!isRelease(name)) throw bad(given, "1 to 127 characters without control characters");
  return name;
}

export function toRetryAfter(given: Given): number {
  const duration = typeof given.value === "string" ? parseDuration(given.value) : undefined;
  const seconds = duration === undefined ? toNumber(given) : Math.ceil(duration / 1000);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > day / 1000) {
    throw bad(given, "whole seconds from 1 to 86400, or a duration such as 90s or 2m");
  }
  return seconds;
}

export function toMaxWindow(given: Given): number {
  return toLongDuration(given, "a duration such as 90s, 30m or 2h, at most 365d");
}

/** undefined: never. */
export function toWarnAfter(given: Given): number | undefined {
  const text = typeof given.value === "string" ? given.value.trim().toLowerCase() : given.value;
  const isOff = text === "off" || text === "0" || toMilliseconds(text) === 0;
  return isOff ? undefined : toLongDuration(given, "a duration such as 30m or 2h, at most 365d, or off");
}

function toLongDuration(given: Given, expected: string): number {
  const milliseconds = toMilliseconds(given.value);
  if (typeof milliseconds !== "number" || !(milliseconds >= 1) || milliseconds > 365 * day)
    throw bad(given, expected);
  return milliseconds;
}

function toMilliseconds(value: unknown): unknown {
  return typeof value === "string" ? parseDuration(value) : value;
}

export function toExempt(given: Given): readonly PathPattern[] {
  const globs: unknown = typeof given.value === "string" ? given.value.split(",") : given.value;
  if (!isTexts(globs)) throw bad(given, "a list of path globs such as /health");
  const named = globs.filter((glob) => glob.trim() !== "");
  if (named.length > maximumExemptPaths) {
    throw bad(
      { ...given, value: `${String(named.length)} globs` },
      `at most ${String(maximumExemptPaths)} globs`,
    );
  }
  return named.map(parsePathGlob);
}

/** Who is told of deploys. `standard`: JSON, signed as Standard Webhooks says. The others are chats. */
export interface Webhook {
  readonly kind: "standard" | "slack" | "discord" | "teams";
  /** Secret: often it is all that is needed to write there. */
  readonly url: string;
}

const maximumWebhooks = 8;
const longestWebhook = 2048;

/** Never repeats what was given. */
export function toWebhooks(given: Given): readonly Webhook[] {
  const expected = `at most ${String(maximumWebhooks)} addresses such as https://example.com/hook or slack:https://…, with spaces between them`;
  const listed: unknown = typeof given.value === "string" ? given.value.split(/[\s,]+/) : given.value;
  if (!isTexts(listed)) throw bad({ ...given, value: typeof given.value }, expected);
  const named = listed.map((one) => one.trim()).filter((one) => one !== "");
  if (named.length > maximumWebhooks)
    throw bad({ ...given, value: `${String(named.length)} of them` }, expected);
  return named.map((text, index) => {
    const [, kind = "standard", url = ""] = /^(?:(slack|discord|teams):)?(https?:\/\/.+)$/i.exec(text) ?? [];
    if (!URL.canParse(url) || url.length > longestWebhook)
      throw bad({ ...given, value: `something else as number ${String(index + 1)}` }, expected);
    return { kind: kind.toLowerCase() as Webhook["kind"], url };
  });
}

/** `whsec_` and 24 to 64 bytes in base64. Several, while one replaces another. Never repeats what was given. */
export function toWebhookSecrets(given: Given): readonly string[] {
  const secrets = typeof given.value === "string" ? given.value.trim().split(/[\s,]+/) : [];
  const areRight = secrets.every((secret) => {
    const encoded = /^whsec_([A-Za-z0-9+/]{32,88}={0,2})$/.exec(secret)?.[1];
    if (encoded === undefined || encoded.length % 4 !== 0) return false;
    const bytes = (encoded.replace(/=+$/, "").length * 6) >> 3;
    return bytes >= 24 && bytes <= 64;
  });
  if (secrets.length > 0 && secrets.length <= 4 && areRight) return secrets;
  throw bad({ ...given, value: "something else" }, "whsec_ and the output of: openssl rand -base64 32");
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}

const maximumHeaders = 32;

/** They describe the page itself, and how long it may be cached. */
const pagesOwn =
  /^(?:cache-control|content-.*|etag|expires|last-modified|retry-after|trailer|transfer-encoding|x-maintenance)$/;

/** Names of headers, in lower case: RFC 9110 section 5.1. */
export function toHeaderNames(given: Given): ReadonlySet<string> {
  const names: unknown = typeof given.value === "string" ? given.value.split(",") : given.value;
  if (!Array.isArray(names) || !names.every((name) => typeof name === "string")) {
    throw bad(given, "a list of names of headers such as X-Tenant");
  }
  const lower = names.map((name) => name.trim().toLowerCase()).filter((name) => name !== "");
  const wrong = lower.find((name) => !/^[\w!#$%&'*+.^`|~-]{1,100}$/.test(name));
  if (wrong !== undefined) throw bad({ ...given, value: wrong }, "names of headers such as X-Tenant");
  const own = lower.find((name) => pagesOwn.test(name));
  if (own !== undefined) throw bad({ ...given, value: own }, "headers that the page does not set itself");
  if (lower.length > maximumHeaders) {
    throw bad(
      { ...given, value: `${String(lower.length)} names` },
      `at most ${String(maximumHeaders)} names`,
    );
  }
  return new Set(lower);
}

/** For numbers of milliseconds in a range. */
export function milliseconds(minimum: number, maximum: number): (given: Given) => number {
  return (given) => {
    const { value } = given;
    if (typeof value === "number" && value >= minimum && value <= maximum) return value;
    throw bad(given, `milliseconds from ${String(minimum)} to ${String(maximum)}`);
  };
}

/** Its parameters are unknown; `never` fits whatever the option declares. */
export function toFunction(given: Given): never {
  if (typeof given.value === "function") return given.value as never;
  throw bad(given, "a function");
}

export function toLogger(given: Given): Logger {
  if (hasMethods<Logger>(given.value, "warn", "error")) return given.value;
  throw bad(given, "an object with the methods warn and error, such as console");
}

export function toTemplate(given: Given): PageOptions["template"] {
  const { value } = given;
  if (typeof value === "function") return value as NonNullable<PageOptions["template"]>;
  if (typeof value === "string" && value.trim() !== "") return value.trim();
  throw bad(given, "the path of an HTML file or of a folder, or a function that makes the HTML");
}

export function toTheme(given: Given): ThemeName {
  const theme = themeNames.find((name) => name === given.value);
  if (theme === undefined) throw bad(given, `one of ${themeNames.join(", ")}`);
  return theme;
}

export function toBrand(given: Given): PageOptions["brand"] {
  const { value } = given;
  if (typeof value === "string" && value.trim() !== "") return value.trim();
  if (typeof value === "object") return toBrandParts(given);
  throw bad(given, "the path of a JSON file, or an object with what it would say");
}

export function toFormats(given: Given): readonly PageFormat[] {
  const { value } = given;
  if (!Array.isArray(value) || value.length > maximumFormats) {
    throw bad(given, `a list of at most ${String(maximumFormats)} formats`);
  }
  return value.map((format, index) =>
    toFormat({ value: format, name: `${given.name}, number ${String(index + 1)},` }),
  );
}

function toFormat(given: Given): PageFormat {
  const { mediaTypes, contentType, render } = (given.value ?? {}) as Partial<
    Record<keyof PageFormat, unknown>
  >;
  if (!isMediaTypes(mediaTypes)) throw bad({ ...given, value: mediaTypes }, "mediaTypes such as text/csv");
  if (contentType !== undefined && (typeof contentType !== "string" || !headerPattern.test(contentType)))
    throw bad({ ...given, value: contentType }, "a contentType such as text/csv; charset=utf-8");
  if (typeof render !== "function") throw bad({ ...given, value: render }, "a function render");
  return {
    mediaTypes: mediaTypes.map((mediaType) => mediaType.toLowerCase()),
    contentType,
    render: render as PageFormat["render"],
  };
}

function isMediaTypes(value: unknown): value is readonly string[] {
  if (!Array.isArray(value) || value.length < 1 || value.length > maximumMediaTypes) return false;
  return value.every((type) => typeof type === "string" && mediaTypePattern.test(type));
}

function hasMethods<Kind extends object>(value: unknown, ...names: readonly (keyof Kind)[]): value is Kind {
  if (typeof value !== "object" || value === null) return false;
  return names.every((name) => typeof (value as Kind)[name] === "function");
}

/** NaN for anything else, so that every range check refuses it. */
function toNumber({ value }: Given): number {
  if (typeof value === "number") return value;
  return typeof value === "string" && /^\d{1,9}$/.test(value.trim()) ? Number(value) : Number.NaN;
}

export function toText(given: Given): string {
  if (typeof given.value !== "string") throw bad(given, "a text");
  return given.value;
}

const unitMilliseconds = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `250ms`, `90s`, `30m`, `2h`, `1d` in milliseconds. undefined: anything else. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)\s*(ms|s|m|h|d)$/.exec(text.trim().toLowerCase());
  if (match === null) return undefined;
  return Number(match[1]) * unitMilliseconds[match[2] as keyof typeof unitMilliseconds];
}
