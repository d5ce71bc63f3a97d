import { isSingleBinary, requireModule, systemClock } from "../core/runtime.ts";
import { IntermissionError, isIntermissionError, reasonOf, show } from "../core/errors.ts";
import type { ReportStore, Store } from "../core/ports.ts";
import { withTimeLimit } from "../core/time-limit.ts";
import { storeClosed, storeFailed } from "./shared/failure.ts";

const expected = "a store (an object with read, write and close), or a function that returns one";

/**
 * The store that a user's module exports by default: a {@link Store}, or a function, async or not, that
 * returns one.
 *
 * @param reference What was set, for messages.
 * @param href The module's URL.
 */
export async function loadStoreModule(reference: string, href: string): Promise<Store> {
  const exported = await loadDefault(reference, href);
  const store = typeof exported === "function" ? await call(reference, exported) : exported;
  if (!isStore(store)) {
    throw new IntermissionError("bad-option", {
      problem: `The default export of the store module ${show(reference)} is not a store`,
      expected,
      got: typeof exported === "function" ? `a function that returns ${show(store)}` : show(exported),
      remedy: "Export one, such as `export default postgresStore({ pool })`.",
    });
  }
  return wrap(reference, store);
}

/** Milliseconds until an operation is given up. A store should fail sooner by itself. */
const limit = 10_000;

const users = new WeakMap<Store, number>();

/** The module's store; its errors name the module. The last user of a shared store closes it. */
function wrap(reference: string, store: Store): Store {
  users.set(store, (users.get(store) ?? 0) + 1);
  let closed = false;

  async function bounded<Value>(what: string, work: () => Promise<Value>): Promise<Value> {
    if (closed) throw storeClosed();
    try {
      return await withTimeLimit(systemClock, limit, work());
    } catch (error) {
      if (isIntermissionError(error)) throw error;
      throw storeFailed(`The store of ${show(reference)} ${what}`, error, "Look into that module.");
    }
  }

  const { reports } = store;
  return {
    read: (app, knownVersion) => bounded("could not be read", async () => store.read(app, knownVersion)),
    write: (app, value, expectedVersion, currentRelease) =>
      bounded("could not be written", async () => store.write(app, value, expectedVersion, currentRelease)),
    ...(store.watch === undefined
      ? {}
      : {
          watch: (app: string, changed: () => void) =>
            bounded("could not be watched", async () => store.watch?.(app, changed) ?? (async () => {})),
        }),
    migrate: () => bounded("could not be migrated", async () => store.migrate?.()),
    ...(reports === undefined
      ? {}
      : {
          reports: {
            put: (...report: Parameters<ReportStore["put"]>) =>
              bounded("could not keep a report", async () => reports.put(...report)),
            list: (...which: Parameters<ReportStore["list"]>) =>
              bounded("could not list its reports", async () => reports.list(...which)),
          },
        }),
    async close() {
      if (closed) return;
      closed = true;
      const left = (users.get(store) ?? 1) - 1;
      users.set(store, left);
      if (left === 0) await store.close();
    },
  };
}

async function loadDefault(reference: string, href: string): Promise<unknown> {
  let module: { readonly default?: unknown };
  try {
    module = (await load(href)) as typeof module;
  } catch (error) {
    throw new IntermissionError("bad-option", {
      problem: `The store module ${show(reference)} could not be loaded`,
      got: reasonOf(error),
      remedy: "MAINTENANCE_STORE names a module by its path from the working folder, or by a file: URL.",
      cause: error,
    });
  }
  if (module.default === undefined) {
    throw new IntermissionError("bad-option", {
      problem: `The store module ${show(reference)} has no default export`,
      expected,
      got: Object.keys(module).length === 0 ? "no export" : `the exports ${Object.keys(module).join(", ")}`,
      remedy: "Export one, such as `export default postgresStore({ pool })`.",
    });
  }
  return module.default;
}

async function load(href: string): Promise<unknown> {
  if (!isSingleBinary()) return import(/* webpackIgnore: true */ /* @vite-ignore */ href);
  const path = requireModule("node:url").fileURLToPath(href);
  const loaded: unknown = requireModule("node:module").createRequire(path)(path);
  return typeof loaded === "object" && loaded !== null && "default" in loaded ? loaded : { default: loaded };
}

async function call(reference: string, create: unknown): Promise<unknown> {
  try {
    return await (create as () => unknown)();
  } catch (error) {
    throw new IntermissionError("bad-option", {
      problem: `The function that the store module ${show(reference)} exports failed`,
      got: reasonOf(error),
      cause: error,
    });
  }
}

function isStore(value: unknown): value is Store {
  if (typeof value !== "object" || value === null) return false;
  const methods = value as Readonly<Record<string, unknown>>;
  return ["read", "write", "close"].every((name) => typeof methods[name] === "function");
}
