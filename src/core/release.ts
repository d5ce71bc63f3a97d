import { IntermissionError, show, reasonOf } from "./errors.ts";
import { requireModule } from "./runtime.ts";

const maximumLength = 127;

// Surrogates match only if unpaired; line and paragraph separators would break a log line.
const forbidden = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u;

const expected = `1 to ${String(maximumLength)} characters without control characters`;

/**
 * A trimmed release identifier: whatever names what is deployed (`v1.1`, a commit, an image tag). Case
 * matters.
 *
 * @param source The variable or option that holds it, for the message.
 * @throws IntermissionError `bad-release` if it is empty, longer than 127 characters or has control
 * characters.
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

/**
 * What a template or a shell leaves if a variable is missing: `$GIT_SHA`, `v${TAG}`, `{{ version }}`,
 * `undefined`.
 */
const unfilled =
  /\$[a-z_({]|\{\{|<%|^<[^>]+>$|^%\w+%$|(?:^v?|[:@])(?:undefined|null|NaN|none|nil|\[object Object\])$/i;

/** Names that stay the same from deploy to deploy, alone or as an image's tag. */
const constant =
  /^(?:[^@]*:)?(?:latest|current|head|main|master|trunk|stable|production|prod|staging|dev|develop|edge|nightly|default|unknown|release|version)$/i;

/** Hexadecimal with digits and letters, so that words ("defaced") and dates are not taken for commits. */
const commit = /^(?=.*\d)(?=.*[a-f])[\da-f]{7,64}$/;

/** Why an identifier hardly names one deploy. undefined: it looks fine. */
export function doubtAbout(id: string): "placeholder" | "constant" | undefined {
  if (unfilled.test(id)) return "placeholder";
  return constant.test(id) ? "constant" : undefined;
}

/** Whether two identifiers are the short and the long form of one commit, and so count as two releases. */
export function areFormsOfOneCommit(one: string, other: string): boolean {
  const [first, second] = [one.toLowerCase(), other.toLowerCase()];
  if (first === second || !commit.test(first) || !commit.test(second)) return false;
  return first.startsWith(second) || second.startsWith(first);
}

/**
 * For an identifier about to be recorded.
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

/** Whether the text is a valid release identifier without trimming. */
export function isRelease(text: string): boolean {
  // People count code points, not UTF-16 units; 127 of them are at most 254 units.
  if (text === "" || text.length > 2 * maximumLength || text.trim() !== text || forbidden.test(text))
    return false;
  return text.length <= maximumLength || Array.from(text).length <= maximumLength;
}

/** Environment variables by name, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The trimmed value; an empty one counts as unset. Ignores inherited properties such as `valueOf`. */
export function readVariable(environment: Environment, name: string): string | undefined {
  const value = Object.hasOwn(environment, name) ? environment[name]?.trim() : undefined;
  return value === "" ? undefined : value;
}

/** A release and where it was found, for people. */
export interface InstanceRelease {
  readonly id: string;
  /** The option or environment variable it comes from. */
  readonly source: string;
}

/** Our own variables, most specific first. */
export const releaseVariables = ["MAINTENANCE_PAGE_RELEASE", "DJANGO_MAINTENANCE_PAGE_RELEASE"] as const;

/** They name a file that holds the release. */
export const releaseFileVariables = releaseVariables.map((name) => `${name}_FILE`);

/**
 * Variables that platforms set, with one value for all instances of a release. A commit or image comes before
 * a deployment id: if the id changes without the deploy's hook having run, the page would stay on forever.
 */
export const platformVariables: readonly { readonly name: string; readonly onlyWith?: string }[] = [
  { name: "KAMAL_VERSION" },
  { name: "FLY_IMAGE_REF" },
  { name: "RAILWAY_DEPLOYMENT_ID" },
  { name: "RENDER_GIT_COMMIT" },
  { name: "VERCEL_DEPLOYMENT_ID" },
  { name: "HEROKU_BUILD_COMMIT" },
  { name: "HEROKU_SLUG_COMMIT" },
  // The name is common: trust it only beside a variable that is certainly Scalingo's.
  { name: "CONTAINER_VERSION", onlyWith: "SCALINGO_APPLICATION_ID" },
  { name: "CC_COMMIT_ID" },
  { name: "PLATFORM_TREE_ID" },
  { name: "NF_DEPLOYMENT_SHA" },
  { name: "KOYEB_GIT_SHA" },
  { name: "GIT_REV" },
  { name: "SOURCE_COMMIT" },
  { name: "K_REVISION" },
  { name: "CONTAINER_APP_REVISION" },
  { name: "GAE_VERSION" },
  { name: "AWS_LAMBDA_FUNCTION_VERSION" },
];

/** What platforms write if they know no release (Coolify: HEAD, unknown; AWS Lambda: $LATEST). */
const nobodysRelease = new Set(["head", "unknown", "latest", "$latest"]);

/** Differ on every instance, so as a release they would never match. */
const perInstanceVariables = new Set([
  "CONTAINER",
  "CONTAINER_APP_REPLICA_NAME",
  "COOLIFY_CONTAINER_NAME",
  "DYNO",
  "FLY_ALLOC_ID",
  "FLY_MACHINE_ID",
  "FLY_MACHINE_VERSION",
  "GAE_INSTANCE",
  "HEROKU_DYNO_ID",
  "HOSTNAME",
  "INSTANCE_ID",
  "INSTANCE_NUMBER",
  "INVOCATION_ID",
  "KAMAL_CONTAINER_NAME",
  "KOYEB_INSTANCE_ID",
  "NODE_APP_INSTANCE",
  "NOMAD_ALLOC_ID",
  "RAILWAY_REPLICA_ID",
  "RENDER_INSTANCE_ID",
  "WEBSITE_INSTANCE_ID",
]);

/**
 * The checked name of the variable that holds the release.
 *
 * @throws IntermissionError `bad-option` for a name that no variable can have, or one that differs on each
 * instance.
 */
export function parseReleaseVariable(name: string): string {
  const trimmed = name.trim();
  if (perInstanceVariables.has(trimmed)) {
    throw new IntermissionError("bad-option", {
      problem: `The environment variable ${trimmed} can't be the release`,
      expected: "a variable with the same value on every instance of a release",
      got: "one that differs on each instance",
      remedy: "Set MAINTENANCE_PAGE_RELEASE to the version, commit or image tag that is deployed.",
    });
  }
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,126}$/.test(trimmed)) {
    throw new IntermissionError("bad-option", {
      problem: "The name of the release variable can't be used",
      expected: "letters, digits and underscores",
      got: show(trimmed),
      remedy: "MAINTENANCE_ENV_VAR holds the name of a variable, for example GIT_COMMIT.",
    });
  }
  return trimmed;
}

/**
 * This instance's release: from the variable the team named, else one of ours, else the platform's.
 *
 * @throws IntermissionError `bad-release` if a variable the team set holds no usable identifier.
 */
export function findInstanceRelease(
  environment: Environment,
  releaseVariable?: string,
): InstanceRelease | undefined {
  return findNamedRelease(environment, releaseVariable) ?? findPlatformRelease(environment);
}

/** Only what the team set. */
export function findNamedRelease(
  environment: Environment,
  releaseVariable?: string,
): InstanceRelease | undefined {
  for (const name of releaseVariable === undefined ? releaseVariables : [releaseVariable]) {
    const value = readVariable(environment, name);
    if (value !== undefined) return { id: parseRelease(value, name), source: name };
  }
  return undefined;
}

function findPlatformRelease(environment: Environment): InstanceRelease | undefined {
  for (const { name, onlyWith } of platformVariables) {
    if (onlyWith !== undefined && readVariable(environment, onlyWith) === undefined) continue;
    const value = readVariable(environment, name);
    if (value !== undefined && isRelease(value) && !nobodysRelease.has(value.toLowerCase()))
      return { id: value, source: name };
  }
  return undefined;
}

/** A release file's content, or why it has none. */
export type FiledRelease = { readonly release: InstanceRelease } | { readonly problem: string };

/** A longer line is no release. Bytes. */
const longestLine = 4096;

/**
 * The first line of a file, like Capistrano's REVISION or a Docker secret.
 *
 * @param path If relative, from the working directory.
 * @throws IntermissionError `bad-release` for a line that can't be an identifier.
 */
export function readReleaseFile(path: string): FiledRelease {
  let line: string;
  try {
    line = firstLine(path);
  } catch (error) {
    return { problem: `The release file ${show(path)} could not be read: ${reasonOf(error)}` };
  }
  if (line === "") return { problem: `The release file ${show(path)} has an empty first line` };
  return { release: { id: parseRelease(line, `the file ${show(path)}`), source: path } };
}

function firstLine(path: string): string {
  const { openSync, readSync, closeSync } = requireModule("node:fs");
  const file = openSync(path, "r");
  try {
    const bytes = new Uint8Array(longestLine);
    const length = readSync(file, bytes, 0, longestLine, 0);
    const [line = ""] = new TextDecoder().decode(bytes.subarray(0, length)).split(/\r?\n/, 1);
    return line.trim();
  } finally {
    closeSync(file);
  }
}
