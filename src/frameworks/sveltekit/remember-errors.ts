import type { ClientEvent } from "./client-call.ts";

/** The parts of `handleError`'s argument used here. */
export interface CaughtError {
  readonly error: unknown;
  readonly event: Pick<ClientEvent, "request" | "url">;
  /** In SvelteKit 2. In development, SvelteKit 3 warns about reading it. */
  readonly status?: number;
  /** In SvelteKit 3: `unknown` is what the app's code threw; each other kind has its own status. */
  readonly kind?: string;
  /** In SvelteKit 3, for the kind `validation`. */
  readonly issues?: unknown;
  /** In SvelteKit 3, for the kind `validation`: the remote function that was called. */
  readonly remote?: { readonly name?: string; readonly file?: string } | undefined;
}

/** By request, because SvelteKit gives each hook its own event. */
const remembered = new WeakMap<object, unknown>();

/** What {@link rememberErrors} was given for the request, if it is a server error. */
export function rememberedError(request: object): unknown {
  return remembered.get(request);
}

/**
 * The hook `handleError`. It tells `onMasked` and the hook `handle` what was thrown, because SvelteKit
 * answers errors of browser navigation with status 200.
 *
 * @param handleError The app's own, which still runs. Left out: errors are logged as SvelteKit logs them.
 */
export function rememberErrors<Input extends CaughtError, Shown>(
  handleError: (input: Input) => Shown,
): (input: Input) => Shown;
export function rememberErrors(): (input: CaughtError) => void;
export function rememberErrors<Input extends CaughtError>(
  handleError: (input: Input) => unknown = logError,
): (input: Input) => unknown {
  return function rememberErrors(input) {
    let shown: unknown;
    try {
      shown = handleError(input);
    } finally {
      remember(input, shown);
    }
    // SvelteKit also awaits it, after us.
    if (shown instanceof Promise)
      shown.then(
        (late) => remember(input, late),
        () => undefined,
      );
    return shown;
  };
}

function remember(input: CaughtError, shown: unknown): void {
  const { request } = input.event;
  if (statusOf(input, shown) >= 500) remembered.set(request, input.error);
  else if (remembered.get(request) === input.error) remembered.delete(request);
}

/** In SvelteKit 3, the app's own hook may return another status than the error's. */
function statusOf(input: CaughtError, shown: unknown): number {
  if (input.kind === undefined) return input.status ?? 500;
  const caught = input.kind === "unknown" ? undefined : statusIn(input.error);
  return Number(statusIn(shown) ?? caught ?? 500);
}

function statusIn(error: unknown): unknown {
  return (Object(error) as { readonly status?: unknown }).status;
}

/** Like SvelteKit for an app without an error hook. */
function logError(input: CaughtError): void {
  const { error, kind } = input;
  if (kind === undefined) {
    const { event, status } = input;
    const line = `\n[${String(status)}] ${event.request.method} ${event.url.pathname}`;
    log(status === 404 ? line : `${line}\n${stackOf(error)}`);
  } else if (kind === "validation") {
    const { name, file } = input.remote ?? {};
    const remote = [name, file === undefined ? undefined : `(${file})`].filter((part) => part !== undefined);
    log(["Remote function", ...remote, "schema validation failed:"].join(" "), input.issues);
  } else if (kind === "unknown") {
    log(stackOf(error));
    let { cause } = Object(error) as { readonly cause?: unknown };
    for (let depth = 0; cause instanceof Error && depth < 10; depth++) {
      log(stackOf(cause));
      ({ cause } = cause);
    }
  }
}

function log(...parts: readonly unknown[]): void {
  // eslint-disable-next-line no-console
  console.error(...parts);
}

function stackOf(error: unknown): string {
  const { stack = String(error) } = Object(error) as { readonly stack?: string };
  return stack;
}
