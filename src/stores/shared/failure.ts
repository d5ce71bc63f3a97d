import { IntermissionError, reasonOf } from "../../core/errors.ts";
import { requireModule } from "../../core/runtime.ts";

export { keepsNoReports, storeClosed } from "../../core/errors.ts";

/**
 * A failed operation's error: what failed, the driver's reason, what to do.
 *
 * @param written False if certainly nothing was written: the server said so, or was never reached.
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

/** System codes of failed connections: nothing was sent. */
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

/** The server refuses this user, now and later. */
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
 * Why a client's package could not be loaded: missing, or installed but broken.
 *
 * @param packageName Its npm name.
 * @param need What it is for, as in "PostgreSQL needs the package pg".
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

/** The notice of a store that could get no connection of its own. */
export function sharesPool(kind: string, packageName: string): string {
  return `The ${kind} store shares all connections of the pool that it was given: while the app's queries fill it, no release is noticed. Give it a pool with more connections, a pool of ${packageName}, or a URL.`;
}

/** For esbuild, which otherwise refuses an import whose package is not installed. */
export function rethrow(error: unknown): never {
  throw error;
}

/**
 * Loads a client's package from where this package is, else from the working directory: `npx intermission`
 * runs in npm's own folder, which lacks the app's packages.
 *
 * @param load `() => import("name").catch(rethrow)`: a literal, which tracers follow and bundlers bundle.
 *   webpack would warn about each that is not installed, so for webpack it is external (webpackIgnore). That
 *   would keep Turbopack from tracing it (turbopackIgnore, the last one counts).
 * @throws what `load` threw, if neither has it
 */
export async function loadPackage<Module>(name: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    const path = isMissing(error, name) ? resolveFromWorkingFolder(name) : undefined;
    if (path === undefined) throw error;
    // Through a variable, because a bundler would try to resolve a literal.
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
