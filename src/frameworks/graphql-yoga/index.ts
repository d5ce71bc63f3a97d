import { gateCall, type Call, type PageError } from "../../http/call/judge.ts";
import { addressOfCall, headerOf, type CallRequest } from "../../http/call/request.ts";
import { judgeErrors, toResultError, type ResultError } from "../../http/call/graphql.ts";
import { pathOf } from "../../http/headers.ts";
import { isAsyncIterable, watchResults } from "../../http/call/results.ts";
import { intermissionFrom, isShared, type AdapterOptions } from "../../engine/create.ts";

/** The parts of a result used here. */
interface Result {
  data?: unknown;
  errors?: readonly ResultError[];
  extensions?: { http?: { status?: number; headers?: Record<string, string> } };
}

/** The parts of an operation's parameters used here. */
interface Parameters {
  readonly query?: string | null;
}

/** The parts of a request and of Yoga's operation used here. */
interface Operation {
  readonly request: Pick<Request, "method" | "url" | "headers">;
  readonly context: object;
  readonly params?: Parameters;
  setResult(result: unknown): void;
}

/** The parts of an execution used here. */
interface Execution {
  readonly args: { readonly contextValue?: unknown };
}

/** The parts of an execution's result used here. */
interface Executed {
  readonly result: unknown;
}

/** The parts of a failed context used here. */
interface ContextFailure {
  readonly context: unknown;
  readonly error: unknown;
}

interface MaintenancePlugin {
  onPluginInit(init: { registerContextErrorHandler(handler: (failure: ContextFailure) => void): void }): void;
  onParams(operation: Operation): Promise<void>;
  onExecute(execution: Execution): { onExecuteDone(executed: Executed): void };
  onExecutionResult(operation: Operation & { readonly result?: unknown }): Promise<void>;
  onDispose(): Promise<void>;
}

/**
 * Plugin for GraphQL Yoga 5. What resolvers and the context throw, except a `GraphQLError`, is replaced by an
 * error with the page's words, after Yoga has logged and masked it as usual. If the response contains nothing
 * else, it has the page's status. While the site is closed, nothing is executed. An intermission it made
 * itself is closed with the server's `dispose()`.
 *
 * @throws IntermissionError if an option or environment variable is invalid.
 * @example
 * ```ts
 * const yoga = createYoga({ schema, plugins: [maintenancePage()] });
 * ```
 */
export function maintenancePage(options?: AdapterOptions): MaintenancePlugin {
  const intermission = intermissionFrom(options);
  // Yoga masks errors before it reports the result; these map its own errors to the originals.
  const thrown = new WeakMap<object, readonly unknown[]>();

  function remember(context: unknown, errors: readonly unknown[]): void {
    if (typeof context === "object" && context !== null) thrown.set(context, errors);
  }

  async function judge(call: Call, result: Result, originals?: readonly unknown[]): Promise<Result> {
    const { errors } = result;
    if (errors === undefined) return result;
    const judged = await judgeErrors(call, errors, intermission, originals);
    if (judged === undefined) return result;
    const changed = { ...result, errors: judged.errors };
    if ((result.data ?? undefined) !== undefined || judged.errors.some(hasStatus)) return changed;
    return withHead(changed, judged.page);
  }

  return {
    onPluginInit({ registerContextErrorHandler }) {
      registerContextErrorHandler(({ context, error }) => {
        remember(context, [error]);
      });
    },
    async onParams(operation) {
      const page = await gateCall(toCall(operation), intermission);
      if (page !== undefined) operation.setResult(withHead({ errors: [toResultError(page)] }, page));
    },
    onExecute({ args }) {
      return {
        onExecuteDone({ result }) {
          const { errors } = (result ?? {}) as Result;
          if (errors !== undefined) remember(args.contextValue, errors);
        },
      };
    },
    async onExecutionResult(operation) {
      const { context, result } = operation;
      if (typeof result !== "object" || result === null) return;
      const call = toCall(operation);
      if (isAsyncIterable(result)) {
        const onResult = (next: unknown): Promise<unknown> => judge(call, next as Result);
        operation.setResult(watchResults(result, { onResult }));
        return;
      }
      const judged = await judge(call, result, thrown.get(context));
      if (judged !== result) operation.setResult(judged);
    },
    async onDispose() {
      if (!isShared(options)) await intermission.close();
    },
  };
}

function withHead(result: Result, { extensions, headers }: PageError): Result {
  const http = { status: extensions.status, headers: { ...headers } };
  return { ...result, extensions: { ...result.extensions, http } };
}

/** An intended error, such as one with 401, says more than the page. */
function hasStatus({ extensions }: ResultError): boolean {
  return (extensions?.["http"] as { readonly status?: number } | undefined)?.status !== undefined;
}

function toCall({ request, context, params }: Operation): Call {
  const { params: known = params, req } = context as {
    readonly params?: Parameters;
    readonly req?: CallRequest;
  };
  return {
    method: methodOf(request, known?.query),
    path: pathOf(request.url),
    headerOf: (name) => headerOf(request, name),
    frameworkRequest: context,
    addressOf: () => addressOfCall(req),
  };
}

/** Queries are sent by POST too, and repeating one is safe. */
function methodOf({ method }: Operation["request"], query: string | null | undefined): string {
  if (query === undefined || query === null) return method;
  return /(?:^|[\s},])mutation\b/.test(query) ? "POST" : "GET";
}
