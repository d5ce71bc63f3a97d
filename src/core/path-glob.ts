import { IntermissionError, show } from "./errors.ts";
import { canonicalPath } from "./request-path.ts";

const maximumLength = 256;

/** Says of a path, as `canonicalPath` reads it, whether it is meant. A RegExp is one. */
export interface PathPattern {
  test(path: string): boolean;
}

/** Whether one of the patterns means a path, in the one reading that every server has of it. */
export function matchesPath(patterns: readonly PathPattern[], path: string | undefined): boolean {
  if (path === undefined || patterns.length === 0) return false;
  const read = canonicalPath(path);
  return read !== undefined && patterns.some((pattern) => pattern.test(read));
}

/**
 * A path glob as a pattern: `*` is any part of one segment, `**` any number of segments, `?` one character; all else
 * is itself. `/health` is `/health/` too, `/health/**` everything below it as well as itself.
 *
 * @throws IntermissionError `bad-option` when it does not begin with a slash, is longer than 256 characters, or means
 * paths that no request is exempt by.
 */
export function parsePathGlob(glob: string): PathPattern {
  const text = glob.trim();
  if (!text.startsWith("/") || text.length > maximumLength) {
    throw unusable(text, `a glob that begins with a slash, at most ${String(maximumLength)} characters`);
  }
  const written = asWritten(text);
  if (canonicalPath(written.replace(/\*+|\?/g, "x")) === undefined) {
    throw unusable(
      text,
      "a path that every server reads alike, without // . .. \\ ; # and escapes such as %2F",
    );
  }
  const source = written.replace(/(?<=.)\/$/, "");
  const whole = compile(source);
  if (!/\/\*{2,}$/.test(source)) return { test: whole };
  const itself = compile(source.replace(/\/\*{2,}$/, "") || "/");
  return { test: (path) => whole(path) || itself(path) };
}

/** As paths are: RFC 3986 section 2.1 for what is no ASCII, escapes in upper case. */
function asWritten(text: string): string {
  return text
    .replace(/[^!-~]/gu, (character) => encodeURIComponent(character.replace(/[\ud800-\udfff]/u, "\ufffd")))
    .replace(/%[0-9a-f]{2}/gi, (escape) => escape.toUpperCase());
}

function unusable(text: string, expected: string): IntermissionError {
  return new IntermissionError("bad-option", {
    problem: "An exempt path can't be used",
    expected,
    got: show(text),
    remedy: "For example /health, /api/*/status or /internal/**.",
  });
}

const slash = 0x2f;

/**
 * Visitors choose the path, and a regular expression would go back to every star that it has passed. This reads each
 * character once, and keeps all places of the glob at which it could be as bits (Baeza-Yates and Gonnet, 1992): at most
 * nine words of 32 a character.
 */
function compile(source: string): (path: string) => boolean {
  // Two stars are one part, so that no star stands beside another.
  const parts = source.match(/\*{2,}|[^]/g) ?? [];
  const words = (parts.length >> 5) + 1;
  const placesOf = (isMeant: (part: string) => boolean): Int32Array => {
    const bits = new Int32Array(words);
    for (const [place, part] of parts.entries()) {
      if (isMeant(part)) bits[place >> 5] = (bits[place >> 5] ?? 0) | (1 << (place & 31));
    }
    return bits;
  };
  const literals = new Set(parts.filter((part) => !/^[*?]/.test(part)));
  const stepOn = new Map(
    Array.from(literals, (literal) => [
      literal.charCodeAt(0),
      placesOf((part) => part === literal || (part === "?" && literal !== "/")),
    ]),
  );
  const stepOnOther = placesOf((part) => part === "?");
  const never = new Int32Array(words);
  const stars = placesOf((part) => part.startsWith("*"));
  const starsAcross = placesOf((part) => part.startsWith("**"));
  const places = new Int32Array(words);

  /** False: it can't match any more. */
  function read(code: number): boolean {
    const steps = stepOn.get(code) ?? (code === slash ? never : stepOnOther);
    const staying = code === slash ? starsAcross : stars;
    let alive = 0;
    let carriedStep = 0;
    let carriedOpening = 0;
    for (let word = 0; word < words; word++) {
      const before = places[word] ?? 0;
      const stepping = before & (steps[word] ?? 0);
      const reached = (stepping << 1) | carriedStep | (before & (staying[word] ?? 0));
      carriedStep = stepping >>> 31;
      // A star may stand for nothing.
      const opening = reached & (stars[word] ?? 0);
      const now = reached | (opening << 1) | carriedOpening;
      carriedOpening = opening >>> 31;
      places[word] = now;
      alive |= now;
    }
    return alive !== 0;
  }

  return (path) => {
    places.fill(0);
    places[0] = parts[0]?.startsWith("*") === true ? 0b11 : 0b1;
    for (let index = 0; index < path.length; index++) {
      if (!read(path.charCodeAt(index))) return false;
    }
    return (((places[parts.length >> 5] ?? 0) >>> (parts.length & 31)) & 1) === 1;
  };
}
