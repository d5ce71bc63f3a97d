import { IntermissionError, show } from "../errors.ts";
import { isRelease, parseRelease } from "../release.ts";

/** Environment variables by name, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The value, trimmed; an empty one counts as unset. Not what every object inherits, such as `valueOf`. */
export function readVariable(environment: Environment, name: string): string | undefined {
  const value = Object.hasOwn(environment, name) ? environment[name]?.trim() : undefined;
  return value === "" ? undefined : value;
}

/** A release and where it was found, for people who wonder. */
export interface InstanceRelease {
  readonly id: string;
  /** The option or environment variable that names it. */
  readonly source: string;
}

/** Our own variables, the most specific first. */
export const releaseVariables = ["MAINTENANCE_PAGE_RELEASE", "DJANGO_MAINTENANCE_PAGE_RELEASE"] as const;

/** They name a file that has it. */
export const releaseFileVariables = releaseVariables.map((name) => `${name}_FILE`);

/**
 * Variables that platforms set by themselves, with one value for all instances of a release. Commits and images come
 * before deployment ids where a platform has both: an id that changes without the deploy's hook having run would leave
 * the page on for ever.
 */
export const platformVariables: readonly { readonly name: string; readonly onlyWith?: string }[] = [
  { name: "KAMAL_VERSION" },
  { name: "FLY_IMAGE_REF" },
  { name: "RAILWAY_DEPLOYMENT_ID" },
  { name: "RENDER_GIT_COMMIT" },
  { name: "VERCEL_DEPLOYMENT_ID" },
  { name: "HEROKU_BUILD_COMMIT" },
  { name: "HEROKU_SLUG_COMMIT" },
  // A common name: it is Scalingo's only beside a variable that is surely Scalingo's.
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

/** What platforms write where they know no release (Coolify: HEAD, unknown; AWS Lambda: $LATEST). */
const nobodysRelease = new Set(["head", "unknown", "latest", "$latest"]);

/** Set by platforms and systems, and different on every instance: as a release they would never match. */
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
 * The name of the variable that holds the release, checked.
 *
 * @throws IntermissionError `bad-option` for a name that no variable can have, or one that differs on each instance.
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
 * This instance's release: the variable that the team named, else one of ours, else what the platform says.
 *
 * @throws IntermissionError `bad-release` when a variable that the team itself set holds no usable identifier.
 */
export function findInstanceRelease(
  environment: Environment,
  releaseVariable?: string,
): InstanceRelease | undefined {
  return findNamedRelease(environment, releaseVariable) ?? findPlatformRelease(environment);
}

/** What the team itself set. */
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
