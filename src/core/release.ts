import { IntermissionError, show } from "./errors.ts";

const maximumLength = 127;

// Surrogates match only where they stand alone; line and paragraph separators would break a line of a log.
const forbidden = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u;

const expected = `1 to ${String(maximumLength)} characters without control characters`;

/**
 * A release identifier, trimmed: whatever names what is deployed (`v1.1`, a commit, an image tag). Case counts.
 *
 * @param source The variable or option that it stands in, for the message.
 * @throws IntermissionError `bad-release` when it is empty, longer than 127 characters or has control characters.
 */
export function parseRelease(text: string, source?: string): string {
  const id = text.trim();
  if (isRelease(id)) return id;
  throw new IntermissionError("bad-release", {
    problem: `The release identifier${source === undefined ? "" : ` in ${source}`} can't be used`,
    expected,
    got:
      id === "" ? "an empty one" : id.length > maximumLength ? `${String(id.length)} characters` : show(id),
    remedy: "Use a short name such as a version, a commit or an image tag.",
  });
}

/** What a template or a shell leaves where nothing was filled in: `$GIT_SHA`, `v${TAG}`, `{{ version }}`, `undefined`. */
const unfilled =
  /\$[a-z_({]|\{\{|<%|^<[^>]+>$|^%\w+%$|(?:^v?|[:@])(?:undefined|null|NaN|none|nil|\[object Object\])$/i;

/** Names that stay when what they name changes, alone or as the tag of an image. */
const constant =
  /^(?:[^@]*:)?(?:latest|current|head|main|master|trunk|stable|production|prod|staging|dev|develop|edge|nightly|default|unknown|release|version)$/i;

/** Why an identifier is hardly that of one deploy. undefined: nothing speaks against it. */
export function doubtAbout(id: string): "placeholder" | "constant" | undefined {
  if (unfilled.test(id)) return "placeholder";
  return constant.test(id) ? "constant" : undefined;
}

/**
 * For an identifier that is about to be recorded.
 *
 * @throws IntermissionError `bad-release` for a placeholder that was never filled in.
 */
export function refusePlaceholder(id: string): void {
  if (doubtAbout(id) !== "placeholder") return;
  throw new IntermissionError("bad-release", {
    problem: "The release identifier is a placeholder that was never filled in",
    expected: "a version, a commit or an image tag",
    got: show(id),
    remedy:
      "Check how the deploy sets it: the variable may be unset there, or quoted so that the shell leaves it.",
  });
}

/** Whether the text can be a release identifier as it stands, untrimmed. */
export function isRelease(text: string): boolean {
  // Code points, not UTF-16 units, are what people count; 127 of them are at most 254 units.
  if (text === "" || text.length > 2 * maximumLength || text.trim() !== text || forbidden.test(text))
    return false;
  return text.length <= maximumLength || Array.from(text).length <= maximumLength;
}
