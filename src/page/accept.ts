const maximumLength = 1024;
const maximumRanges = 32;

/** A range in an `Accept` header (RFC 9110 12.5.1). */
export interface MediaRange {
  /** Lower-case, without parameters: `text/html`, `text/*`, or the full wildcard. */
  readonly mediaType: string;
  /** 0 (not acceptable) to 1. */
  readonly quality: number;
}

// Both halves exclude "/", "," and ";", so there is only one way to match and the time is linear.
const mediaTypePattern = /^[!#$%&'*+\-.^_`|~0-9a-z]+\/[!#$%&'*+\-.^_`|~0-9a-z]+$/;

/** A range in an `Accept-Language` header (RFC 9110 12.5.4). */
export interface LanguageRange {
  /** A tag as sent, or `*`. It has the form of a tag but need not exist. */
  readonly range: string;
  /** 0 (not acceptable) to 1. */
  readonly quality: number;
}

// Subtags can't contain their separator, so the time is linear.
const languageRangePattern = /^(?:\*|[a-z]{1,8}(?:-[a-z0-9]{1,8})*)$/i;

/**
 * Parses an `Accept` header. Never throws: skips ranges it can't parse, and everything after the first 1024
 * characters or 32 ranges.
 */
export function parseAccept(header: string): readonly MediaRange[] {
  return splitRanges(header)
    .map(parseMediaRange)
    .filter((range) => range !== undefined);
}

/** Parses an `Accept-Language` header, in its order. Never throws; same limits as {@link parseAccept}. */
export function parseAcceptLanguage(header: string): readonly LanguageRange[] {
  return splitRanges(header)
    .map(parseLanguageRange)
    .filter((range) => range !== undefined);
}

/** The codings in an `Accept-Encoding` (RFC 9110 12.5.3), lower-case. Never throws; same limits. */
export function parseAcceptEncoding(header: string): readonly LanguageRange[] {
  return splitRanges(header).flatMap((text) => {
    const [range = ""] = text.split(";", 1);
    const quality = parseQuality(text);
    return quality === undefined ? [] : [{ range: range.trim().toLowerCase(), quality }];
  });
}

/** The type and subtype of a `Content-Type` or range, lower-case and without parameters. */
export function toMediaType(text: string): string {
  const end = text.indexOf(";");
  return (end < 0 ? text : text.slice(0, end)).trim().toLowerCase();
}

function splitRanges(header: string): readonly string[] {
  let text = header;
  if (text.length > maximumLength) {
    // A range cut in two could read as another.
    text = text.slice(0, Math.max(0, text.lastIndexOf(",", maximumLength)));
  }
  return text.split(",", maximumRanges);
}

function parseLanguageRange(text: string): LanguageRange | undefined {
  const [first = ""] = text.split(";", 1);
  // Old Java and Android clients send "en_US".
  const range = first.trim().replaceAll("_", "-");
  if (!languageRangePattern.test(range)) return undefined;
  const quality = parseQuality(text);
  return quality === undefined ? undefined : { range, quality };
}

function parseMediaRange(text: string): MediaRange | undefined {
  const mediaType = toMediaType(text);
  if (!mediaTypePattern.test(mediaType)) return undefined;
  const quality = parseQuality(text);
  return quality === undefined ? undefined : { mediaType, quality };
}

function parseQuality(range: string): number | undefined {
  for (const parameter of range.split(";").slice(1)) {
    const [name = "", value = ""] = parameter.split("=", 2);
    if (name.trim().toLowerCase() !== "q") continue;
    // Old Java clients send ".2", which RFC 9110 forbids but is clear.
    const quality = value.trim() === "" ? Number.NaN : Number(value);
    return quality >= 0 && quality <= 1 ? quality : undefined;
  }
  return 1;
}
