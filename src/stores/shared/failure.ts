import { IntermissionError, reasonOf } from "../../core/errors.ts";
import { requireModule } from "../../core/runtime.ts";

export { keepsNoReports, storeClosed } from "../../core/errors.ts";

/**
 * What a store says when an operation did not work out: what was to be done, the driver's reason, what to do.
 *
 * @param written False where it is certain that nothing was written: the server said so, or was never reached.
 */
export function storeFailed(
  problem: string,
  cause: unknown,
  remedy: string,
  written?: false,
): IntermissionError {
  return new IntermissionError("store-failed", {
    problem,
    got: reasonOf(cause),
    remedy,
    cause,
    ...(written === false ? { written } : {}),
  });
}

/** Nothing was sent: the system's codes of a connection that was not made. */
const notConnected: ReadonlySet<unknown> = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOENT",
  "EACCES",
]);

export function wasNeverSent(error: unknown): boolean {
  return error instanceof Error && "code" in error && notConnected.has(error.code);
}

/** For what the server refuses this user, now and later. */
export function storeDenied(problem: string, cause: unknown, remedy: string): IntermissionError {
  return new IntermissionError("store-denied", {
    problem,
    got: reasonOf(cause),
    remedy,
    cause,
    written: false,
  });
}

/**
 * Why a client's package could not be loaded: not installed, or installed and broken.
 *
 * @param packageName As npm knows it.
 * @param need Whose client it is, as in "PostgreSQL needs the package pg".
 */
export function clientUnavailable(packageName: string, need: string, cause: unknown): IntermissionError {
  const missing = isMissing(cause, packageName);
  return new IntermissionError("client-missing", {
    written: false,
    problem: `${need} needs the package ${packageName}, which ${missing ? "is not installed" : "could not be loaded"}`,
    ...(missing ? {} : { got: reasonOf(cause) }),
    remedy: `Run \`npm install ${packageName}\` in the folder from which you start, or \`npx --package=intermission --package=${packageName} intermission …\`.`,
    cause,
  });
}

/**
 * Loads a client's package from where this package is, else from the working folder: `npx intermission` runs from a
 * folder of npm's own, in which the app's packages are not.
 *
 * @param load `() => import("name")`, so that bundlers see it.
 * @throws what `load` said, when neither has it
 */
export async function loadPackage<Module>(name: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    const path = isMissing(error, name) ? resolveFromWorkingFolder(name) : undefined;
    if (path === undefined) throw error;
    // Through a variable: a bundler would take it for a module that it must find.
    return (await import(/* @vite-ignore */ /* webpackIgnore: true */ path)) as Module;
  }
}

export function isMissing(error: unknown, name: string): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    (error.code === "ERR_MODULE_NOT_FOUND" || error.code === "MODULE_NOT_FOUND") &&
    error.message.includes(name)
  );
}

function resolveFromWorkingFolder(name: string): string | undefined {
  try {
    const { createRequire } = requireModule("node:module");
    const { join } = requireModule("node:path");
    const { pathToFileURL } = requireModule("node:url");
    return pathToFileURL(createRequire(join(process.cwd(), "package.json")).resolve(name)).href;
  } catch {
    return undefined;
  }
}
