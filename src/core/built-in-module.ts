/** The modules of Node that the library has a use for where they are there. */
interface NodeModules {
  readonly "node:http": typeof import("node:http");
  readonly "node:https": typeof import("node:https");
  readonly "node:fs": typeof import("node:fs");
  readonly "node:module": typeof import("node:module");
  readonly "node:net": typeof import("node:net");
  readonly "node:os": typeof import("node:os");
  readonly "node:path": typeof import("node:path");
  readonly "node:tty": typeof import("node:tty");
  readonly "node:url": typeof import("node:url");
}

/**
 * A module that the runtime itself has. Not imported: the library also loads in runtimes that have no such module, where
 * this is undefined, and a bundle for one of those must name none.
 */
export function findModule<Name extends keyof NodeModules>(name: Name): NodeModules[Name] | undefined {
  return findBuiltIn(name) as NodeModules[Name] | undefined;
}

/** The same for one that Node's types don't know yet. */
export function findBuiltIn(name: string): unknown {
  const { process } = globalThis as {
    readonly process?: { getBuiltinModule?(id: string): unknown };
  };
  return process?.getBuiltinModule?.(name);
}

/** @throws Error that says so, where the runtime has no such module. */
export function requireModule<Name extends keyof NodeModules>(name: Name): NodeModules[Name] {
  const module = findModule(name);
  if (module === undefined) throw new Error(`this runtime has no module ${name}`);
  return module;
}
