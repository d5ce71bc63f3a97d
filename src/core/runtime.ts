import type { Clock } from "./ports.ts";

/**
 * Whether a runtime lets nothing go on between two requests, nor before the first one: timers and reads that a request
 * has begun end with it, and a timer at the top of a module throws.
 *
 * https://developers.cloudflare.com/workers/runtime-apis/web-standards/#navigatoruseragent
 */
export function isRequestBound(): boolean {
  const { navigator } = globalThis as { readonly navigator?: { readonly userAgent?: string } };
  return navigator?.userAgent === "Cloudflare-Workers";
}

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
  readonly "node:zlib": typeof import("node:zlib");
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

type Run = <Result>(work: () => Result) => Result;

/** What is used of OpenTelemetry's API, which any copy of it leaves in one place. */
interface Tracing {
  readonly context?: {
    active(): { setValue(key: symbol, value: unknown): unknown };
    with<Result>(context: unknown, work: () => Result): Result;
  };
}

/** `isTracingSuppressed` of `@opentelemetry/core` asks for this. */
const suppressTracing = Symbol.for("OpenTelemetry SDK Context Key SUPPRESS_TRACING");

/** The context in which this module was loaded: no visitor's. */
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
 * Does work of our own that a request happens to begin, outside of that request: what it begins in turn (reads, timers)
 * would keep alive whatever the request's `AsyncLocalStorage` holds, and a trace would never end. Nor is it traced.
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

// Read once: it is a getter, and dearer than the time itself.
const origin = performance.timeOrigin;

/** The machine's own clock. */
export const systemClock: Clock = {
  now: createTime(
    () => origin + performance.now(),
    () => Date.now(),
  ),
  after(milliseconds, callback, options) {
    const timer: unknown = setTimeout(callback, milliseconds);
    // Not every runtime's timers are objects: Workers and browsers hand out numbers.
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
 * Milliseconds since 1970 that never run backwards, so that a corrected system time can't make an old snapshot look
 * fresh; and that go on while the machine sleeps or is frozen, where `monotonic` stands still: a snapshot from before
 * must not look fresh either. Whenever `wall` has moved on by more, the difference is added for good.
 *
 * @param monotonic Never runs backwards (CLOCK_MONOTONIC).
 * @param wall May jump, in either direction.
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
