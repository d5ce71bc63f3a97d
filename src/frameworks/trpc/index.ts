import { gateCall, judgeCall, type Call, type PageError } from "../../http/call/judge.ts";
import { addressOfCall, headerOf, type CallRequest } from "../../http/call/request.ts";
import { isAsyncIterable, watchResults } from "../../http/call/results.ts";
import { intermissionFrom, type AdapterOptions } from "../../engine/create.ts";

/** The parts of a tRPC call used here. */
interface ProcedureCall<Result> {
  readonly ctx: unknown;
  readonly path: string;
  readonly type: string;
  readonly next: () => Promise<Result>;
}

/** The parts of a call's result used here. */
interface ProcedureResult {
  readonly ok: boolean;
  readonly data?: unknown;
  readonly error?: { readonly code: string };
}

/** The parts of tRPC's error formatter input used here. */
interface ErrorFormat<Shape> {
  readonly error: unknown;
  readonly shape: Shape;
}

/** The parts of a tRPC response about to be sent used here. */
interface ResponseOutline {
  /** One per call, undefined if it succeeded. Empty if the response begins before any has ended. */
  readonly data: readonly unknown[];
  readonly errors: readonly unknown[];
}

/**
 * Middleware for procedures of tRPC 11. Use it first, in the procedure that all others build on: it sees what
 * they and their middleware throw, in batches, streams and subscriptions alike. Errors whose code is not a
 * server failure are never touched. `onError` gets the original error as `cause`. While the site is closed,
 * no procedure is called.
 *
 * @throws IntermissionError if an option or environment variable is invalid.
 * @example
 * ```ts
 * const t = initTRPC.create({ errorFormatter: maintenanceShape });
 * const procedure = t.procedure.use(maintenancePage());
 * ```
 */
export function maintenancePage(
  options?: AdapterOptions,
): <Result>(opts: ProcedureCall<Result>) => Promise<Result> {
  const intermission = intermissionFrom(options);
  return async function maintenancePage<Result>(opts: ProcedureCall<Result>) {
    const call = toCall(opts);
    const closed = await gateCall(call, intermission);
    if (closed !== undefined) throw new MaintenanceError(closed);

    const judged = async (error: unknown): Promise<unknown> => {
      if (!isFailure(error)) return error;
      const page = await judgeCall(call, thrownIn(error), intermission);
      return page === undefined ? error : new MaintenanceError(page, error);
    };
    const result = (await opts.next()) as Result & ProcedureResult;
    if (!result.ok) return { ...result, error: await judged(result.error) };
    if (!isAsyncIterable(result.data)) return result;
    return { ...result, data: watchResults(result.data, { onError: judged }) };
  };
}

/**
 * For `errorFormatter`: adds to `error.data` the `type`, `retryAfter` in seconds and the page's status. Other
 * errors keep their shape.
 */
export function maintenanceShape<Shape extends { readonly data: object }>({
  error,
  shape,
}: ErrorFormat<Shape>): Shape & { data: { type?: string; retryAfter?: number } } {
  if (!(error instanceof MaintenanceError)) return shape;
  const { type, status, retryAfter } = error.page.extensions;
  return { ...shape, data: { ...shape.data, httpStatus: status, type, retryAfter } };
}

/**
 * For `responseMeta`: the status and `Retry-After` of a response in which no call has any other answer. With
 * these, an HTTP adapter around it leaves the response alone.
 */
export function maintenanceMeta({ data, errors }: ResponseOutline): {
  status?: number;
  headers?: Record<string, string>;
} {
  const [first] = errors;
  if (!(first instanceof MaintenanceError) || errors.length !== data.length) return {};
  if (!errors.every((error) => error instanceof MaintenanceError)) return {};
  return { status: first.page.extensions.status, headers: { ...first.page.headers } };
}

/** tRPC recognizes its errors by this name, because a program may have several copies of it. */
class MaintenanceError extends Error {
  override readonly name = "TRPCError";
  readonly code: PageError["extensions"]["code"];
  readonly page: PageError;

  constructor(page: PageError, cause?: unknown) {
    super(page.message, { cause });
    this.code = page.extensions.code;
    this.page = page;
  }
}

/** In subscriptions and streams, an error is still the original. */
function isFailure(error: unknown): boolean {
  if (!(error instanceof Error) || error.name !== "TRPCError") return true;
  return "code" in error && error.code === "INTERNAL_SERVER_ERROR";
}

/** tRPC wraps what is thrown in its own error. */
function thrownIn(error: unknown): unknown {
  return error instanceof Error && error.name === "TRPCError" ? (error.cause ?? error) : error;
}

function toCall<Result>(opts: ProcedureCall<Result>): Call {
  const request = requestIn(opts.ctx);
  return {
    method: opts.type === "mutation" ? "POST" : "GET",
    path: `/${opts.path}`,
    headerOf: (name) => headerOf(request, name),
    frameworkRequest: opts,
    addressOf: () => addressOfCall(request),
  };
}

/** Where the app's context keeps it, as in tRPC's own guides. */
function requestIn(context: unknown): CallRequest | undefined {
  const { req } = (context ?? {}) as { readonly req?: unknown };
  return typeof req === "object" && req !== null ? req : undefined;
}
