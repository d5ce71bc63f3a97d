import type { Clock } from "./ports.ts";

/**
 * Whether the runtime stops all work between requests and before the first one. There, timers and reads end
 * with the request that began them, and a timer at the top of a module throws.
 *
 * https://developers.cloudflare.com/workers/runtime-apis/web-standards/#navigatoruseragent
 */
export function isRequestBound(): boolean {
  const { navigator } = globalThis as { readonly navigator?: { readonly userAgent?: string } };
  return navigator?.userAgent === "Cloudflare-Workers";
}

/** The environment variables. Empty in Workers and browsers, which have no process. */
export function processEnvironment(): Readonly<Record<string, string | undefined>> {
  const { process } = globalThis as {
    readonly process?: { readonly env?: Readonly<Record<string, string | undefined>> };
  };
  return process?.env ?? {};
}

/** Node's modules that the library uses where they exist. */
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
  readonly "node:zlib": typeof import("node:zlib");
}

/**
 * A module built into the runtime. Not imported, because the library also loads in runtimes without it, where
 * this is undefined, and a bundle for those must not name it.
 */
export function findModule<Name extends keyof NodeModules>(name: Name): NodeModules[Name] | undefined {
  return findBuiltIn(name) as NodeModules[Name] | undefined;
}

/** The same for modules that Node's types don't know yet. */
export function findBuiltIn(name: string): unknown {
  const { process } = globalThis as {
    readonly process?: { getBuiltinModule?(id: string): unknown };
  };
  return process?.getBuiltinModule?.(name);
}

/**
 * Whether this program and Node are one file. There, `import` finds only built-in modules.
 *
 * https://nodejs.org/api/single-executable-applications.html
 */
export function isSingleBinary(): boolean {
  return (findBuiltIn("node:sea") as { isSea?(): boolean } | undefined)?.isSea?.() === true;
}

/** @throws Error if the runtime has no such module. */
export function requireModule<Name extends keyof NodeModules>(name: Name): NodeModules[Name] {
  const module = findModule(name);
  if (module === undefined) throw new Error(`this runtime has no module ${name}`);
  return module;
}

type Run = <Result>(work: () => Result) => Result;

/** The part of OpenTelemetry's API used here; all its copies share one place. */
interface Tracing {
  readonly context?: {
    active(): { setValue(key: symbol, value: unknown): unknown };
    with<Result>(context: unknown, work: () => Result): Result;
  };
}

/** `isTracingSuppressed` of `@opentelemetry/core` reads this. */
const suppressTracing = Symbol.for("OpenTelemetry SDK Context Key SUPPRESS_TRACING");

/** Captured when this module is loaded, so it belongs to no visitor. */
const runOutside: Run = (() => {
  try {
    const hooks = findBuiltIn("node:async_hooks") as
      { readonly AsyncLocalStorage: { snapshot?(): Run } } | undefined;
    return hooks?.AsyncLocalStorage.snapshot?.() ?? ((work) => work());
  } catch {
    return (work) => work();
  }
})();

/**
 * Runs our own work outside the request that happens to start it. Otherwise its reads and timers would keep
 * the request's `AsyncLocalStorage` alive, and its trace would never end. The work is not traced either.
 */
export function runDetached<Result>(work: () => Result): Result {
  return runOutside(() => {
    const { context } =
      (globalThis as Readonly<Record<symbol, Tracing | undefined>>)[Symbol.for("opentelemetry.js.api.1")] ??
      {};
    if (context === undefined) return work();
    return context.with(context.active().setValue(suppressTracing, true), work);
  });
}

// Read once: the getter costs more than the time itself.
const origin = performance.timeOrigin;

/** The machine's own clock. */
export const systemClock: Clock = {
  now: createTime(
    () => origin + performance.now(),
    () => Date.now(),
  ),
  after(milliseconds, callback, options) {
    const timer: unknown = setTimeout(callback, milliseconds);
    // Workers and browsers return numbers for timers, not objects.
    if (options?.ref !== true && typeof timer === "object" && timer !== null && "unref" in timer) {
      (timer as NodeJS.Timeout).unref();
    }
    return () => {
      clearTimeout(timer as NodeJS.Timeout);
    };
  },
  random: Math.random,
};

/**
 * Milliseconds since 1970 that never run backwards, so that a corrected system time can't make an old
 * snapshot look fresh. They also advance while the machine sleeps or is frozen and `monotonic` stands still,
 * for the same reason. Whenever `wall` has advanced further, the difference is added for good.
 *
 * @param monotonic Never runs backwards (CLOCK_MONOTONIC).
 * @param wall May jump either way.
 */
export function createTime(monotonic: () => number, wall: () => number): () => number {
  let missed = 0;
  return function now() {
    const counted = monotonic();
    const difference = wall() - counted;
    if (difference > missed) missed = difference;
    return counted + missed;
  };
}
