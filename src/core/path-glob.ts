import { IntermissionError, show } from "./errors.ts";

const maximumLength = 256;

/** Matches paths in the form `canonicalPath` returns. A RegExp is one. */
export interface PathPattern {
  test(path: string): boolean;
}

/** Whether a pattern matches a path, read the one way all servers agree on. */
export function matchesPath(patterns: readonly PathPattern[], path: string | undefined): boolean {
  if (path === undefined || patterns.length === 0) return false;
  const read = canonicalPath(path);
  return read !== undefined && patterns.some((pattern) => pattern.test(read));
}

/**
 * A path glob as a pattern: `*` is any part of one segment, `**` any number of segments, `?` one character;
 * anything else stands for itself. `/health` also matches `/health/`; `/health/**` matches itself and
 * everything below.
 *
 * @throws IntermissionError `bad-option` if it does not begin with a slash, is longer than 256 characters, or
 * matches paths that can never be exempt.
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

/** Percent-encodes what is not ASCII, as RFC 3986 section 2.1 asks; escapes in upper case. */
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
 * Visitors choose the path, and a regular expression would backtrack to every star. This reads each character
 * once and keeps all possible places in the glob as bits (Baeza-Yates and Gonnet, 1992): at most nine 32-bit
 * words a character.
 */
function compile(source: string): (path: string) => boolean {
  // Merged, so that no two stars are neighbours.
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

  /** False: no match is possible any more. */
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
      // A star may match nothing.
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

/** Longer than the path of any health check or callback, in characters. */
const longestPath = 2048;

/**
 * Characters that every server reads alike: those of RFC 3986 section 3.3 without `;`, where some servers cut
 * the path.
 */
const plain = /^\/[A-Za-z0-9\-._~!$&'()*+,=:@/%]*$/;

/**
 * Escapes that servers read differently: of control characters, of `# % / ; ? \`, and of characters that need
 * none.
 */
const doubtfulEscape = /%(?:[01][0-9A-F]|2[3DEF5]|3[0-9BF]|4[1-9A-F]|5[0-9ACF]|6[1-9A-F]|7[0-9AEF])/;
const doubtfulSegment = /\/\.{0,2}\//;

/**
 * The one reading of a path that every server agrees on. Undefined if there is none; then the path is never
 * exempt.
 *
 * Servers differ in when they resolve dot segments, decode `%2F` and `%2E`, merge slashes, turn `\` into a
 * slash, cut at `;` or `#`, decode twice or drop invalid UTF-8. An attacker would choose a path that the page
 * reads one way and the app another. So a path that any of these steps would change is rejected.
 *
 * @returns The path without a trailing slash, escapes in upper case.
 */
export function canonicalPath(path: string): string | undefined {
  if (path.length > longestPath || !plain.test(path)) return undefined;
  const closed = path.endsWith("/") ? path : `${path}/`;
  if (doubtfulSegment.test(closed)) return undefined;
  const bare = closed.length === 1 ? closed : closed.slice(0, -1);
  if (!bare.includes("%")) return bare;
  const escaped = bare.replace(/%[0-9a-f]{2}/gi, (escape) => escape.toUpperCase());
  if (doubtfulEscape.test(escaped)) return undefined;
  try {
    decodeURIComponent(escaped);
  } catch {
    return undefined;
  }
  return escaped;
}
