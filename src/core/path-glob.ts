import { IntermissionError, show } from "./errors.ts";

const maximumLength = 256;

/**
 * A path glob as a pattern: `*` is any part of one segment, `**` any number of segments, `?` one character; all else
 * is itself. `/health` is that path alone, `/health/**` everything below it as well as itself.
 *
 * @throws IntermissionError `bad-option` when it does not begin with a slash or is longer than 256 characters.
 */
export function parsePathGlob(glob: string): RegExp {
  const text = glob.trim();
  if (!text.startsWith("/") || text.length > maximumLength) {
    throw new IntermissionError("bad-option", {
      problem: "An exempt path can't be used",
      expected: `a glob that begins with a slash, at most ${String(maximumLength)} characters`,
      got: show(text),
      remedy: "For example /health, /api/*/status or /internal/**.",
    });
  }
  const source = text
    // Several stars in a row would make matching slow and mean nothing more.
    .replace(/\*{3,}/g, "**")
    .replace(/\/\*\*$|\*\*|\*|\?|[\\^$.*+?()[\]{}|]/g, (part) => {
      switch (part) {
        case "/**":
          return "(?:/.*)?";
        case "**":
          return ".*";
        case "*":
          return "[^/]*";
        case "?":
          return "[^/]";
        default:
          return `\\${part}`;
      }
    });
  return new RegExp(`^${source}$`, "s");
}
