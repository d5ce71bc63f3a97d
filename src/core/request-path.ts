/** Longer than the path of any health check or callback. Characters. */
const maximumLength = 2048;

/**
 * What a path may have, and be read alike by every server: the characters of RFC 3986 section 3.3, without `;`, from
 * which some cut the rest off.
 */
const plain = /^\/[A-Za-z0-9\-._~!$&'()*+,=:@/%]*$/;

/** Escapes that are read in two ways: of control characters, of `# % / ; ? \`, and of what needs none. */
const doubtfulEscape = /%(?:[01][0-9A-F]|2[3DEF5]|3[0-9BF]|4[1-9A-F]|5[0-9ACF]|6[1-9A-F]|7[0-9AEF])/;
const doubtfulSegment = /\/\.{0,2}\//;

/**
 * The one reading of a path that every server agrees on; undefined where there is none, so that nothing is exempt by it.
 *
 * Servers differ in when they resolve dot segments, decode `%2F` and `%2E`, merge slashes, take `\` for a slash, cut off
 * at `;` or `#`, decode twice or leave out what is no UTF-8. Whoever is let past the page by his path chooses it so that
 * the page reads one thing and the app another. A path that would change in any of these steps is not read at all.
 *
 * @returns The path without a slash at its end, its escapes in upper case.
 */
export function canonicalPath(path: string): string | undefined {
  if (path.length > maximumLength || !plain.test(path)) return undefined;
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
