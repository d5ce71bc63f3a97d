import { findBuiltIn } from "./built-in-module.ts";

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
