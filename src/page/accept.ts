const maximumLength = 1024;
const maximumRanges = 32;

/** One of the ranges of an `Accept` header (RFC 9110 12.5.1). */
export interface MediaRange {
  /** Lower-case, without parameters: `text/html`, `text/*`, or the full wildcard. */
  readonly mediaType: string;
  /** 0 (not acceptable) to 1. */
  readonly quality: number;
}

// Both halves exclude "/", "," and ";", so that there is one way to match and the time is linear.
const mediaTypePattern = /^[!#$%&'*+\-.^_`|~0-9a-z]+\/[!#$%&'*+\-.^_`|~0-9a-z]+$/;

/**
 * What an `Accept` header asks for. Never throws: a range that can't be understood is left out, and so is what comes
 * after the first 1024 characters or 32 ranges.
 */
export function parseAccept(header: string): readonly MediaRange[] {
  let text = header;
  if (text.length > maximumLength) {
    // A range that was cut in two could read as another one.
    text = text.slice(0, Math.max(0, text.lastIndexOf(",", maximumLength)));
  }
  return text
    .split(",", maximumRanges)
    .map(parseRange)
    .filter((range) => range !== undefined);
}

/** The type and subtype of a `Content-Type` or of a range, lower-case and without parameters. */
export function toMediaType(text: string): string {
  const end = text.indexOf(";");
  return (end < 0 ? text : text.slice(0, end)).trim().toLowerCase();
}

function parseRange(text: string): MediaRange | undefined {
  const mediaType = toMediaType(text);
  if (!mediaTypePattern.test(mediaType)) return undefined;
  const quality = parseQuality(text);
  return quality === undefined ? undefined : { mediaType, quality };
}

function parseQuality(range: string): number | undefined {
  for (const parameter of range.split(";").slice(1)) {
    const [name = "", value = ""] = parameter.split("=", 2);
    if (name.trim().toLowerCase() !== "q") continue;
    // Old Java clients send ".2", which RFC 9110 does not allow but which is clear.
    const quality = value.trim() === "" ? Number.NaN : Number(value);
    return quality >= 0 && quality <= 1 ? quality : undefined;
  }
  return 1;
}
