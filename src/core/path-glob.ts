import { IntermissionError, show } from "./errors.ts";

const maximumLength = 256;

/** Says of a path whether it is meant. A RegExp is one. */
export interface PathPattern {
  test(path: string): boolean;
}

/** A part of a glob: one code unit to be met as it is, or one of the signs. */
type Part = number | "one" | "segment" | "anything";

const slash = 0x2f;

/**
 * A path glob as a pattern: `*` is any part of one segment, `**` any number of segments, `?` one character; all else
 * is itself. `/health` is that path alone, `/health/**` everything below it as well as itself.
 *
 * @throws IntermissionError `bad-option` when it does not begin with a slash or is longer than 256 characters.
 */
export function parsePathGlob(glob: string): PathPattern {
  const text = glob.trim();
  if (!text.startsWith("/") || text.length > maximumLength) {
    throw new IntermissionError("bad-option", {
      problem: "An exempt path can't be used",
      expected: `a glob that begins with a slash, at most ${String(maximumLength)} characters`,
      got: show(text),
      remedy: "For example /health, /api/*/status or /internal/**.",
    });
  }
  const parts = toParts(text);
  const whole = { test: (path: string) => matches(parts, path) };
  if (!/\/\*{2,}$/.test(text)) return whole;
  const itself = parts.slice(0, -2);
  return { test: (path) => whole.test(path) || matches(itself, path) };
}

function toParts(text: string): readonly Part[] {
  return Array.from(text.matchAll(/\*{2,}|[^]/g), ([part]) => {
    if (part === "?") return "one";
    if (part === "*") return "segment";
    return part.startsWith("*") ? "anything" : part.charCodeAt(0);
  });
}

/**
 * Not a regular expression: visitors choose the path, and it would go back to every star that it has passed, so that two
 * of them make the time grow with the square of the path's length. This goes through the path once, and keeps all the
 * places of the pattern at which it could be (Thompson, 1968).
 */
function matches(parts: readonly Part[], path: string): boolean {
  let places = reach(parts, [0]);
  for (let index = 0; index < path.length && places.length > 0; index++) {
    const unit = path.charCodeAt(index);
    const next: number[] = [];
    for (const place of places) {
      const part = parts[place];
      if (part === unit || (part === "one" && unit !== slash)) next.push(place + 1);
      else if (part === "anything" || (part === "segment" && unit !== slash)) next.push(place);
    }
    places = reach(parts, next);
  }
  return places.at(-1) === parts.length;
}

/** The places, in order and each once, with those that are reached because a star may stand for nothing. */
function reach(parts: readonly Part[], places: readonly number[]): readonly number[] {
  const reached: number[] = [];
  for (let place of places) {
    if (place <= (reached.at(-1) ?? -1)) continue;
    reached.push(place);
    while (parts[place] === "segment" || parts[place] === "anything") reached.push(++place);
  }
  return reached;
}
