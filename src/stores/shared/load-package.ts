import { requireModule } from "../../core/built-in-module.ts";

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
