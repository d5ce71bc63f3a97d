import type { ClientEvent } from "./client-call.ts";

/** What is used of what `handleError` is given. */
export interface CaughtError {
  readonly error: unknown;
  readonly event: Pick<ClientEvent, "request" | "url">;
  /** Of SvelteKit 2. In development, SvelteKit 3 warns whoever reads it. */
  readonly status?: number;
  /** Of SvelteKit 3: `unknown` is what the app's code threw; each other kind of error has a status of its own. */
  readonly kind?: string;
  /** Of SvelteKit 3, with the kind `validation`. */
  readonly issues?: unknown;
  /** Of SvelteKit 3, with the kind `validation`: the remote function that was called. */
  readonly remote?: { readonly name?: string; readonly file?: string } | undefined;
}

/** By request: SvelteKit hands each of its hooks an event of its own. */
const remembered = new WeakMap<object, unknown>();

/** What {@link rememberErrors} was told of the request, if it is a server error. */
export function rememberedError(request: object): unknown {
  return remembered.get(request);
}

/**
 * The hook `handleError`, which lets it be known what was thrown, to `onMasked` and to the hook `handle`: to navigation
 * in the browser, SvelteKit answers errors with status 200.
 *
 * @param handleError The app's own, called as ever. Left out: errors are logged as SvelteKit logs them.
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
    // SvelteKit waits for it too, and comes after us.
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

/** In SvelteKit 3, what the app's own hook returns may have another status than the error. */
function statusOf(input: CaughtError, shown: unknown): number {
  if (input.kind === undefined) return input.status ?? 500;
  const caught = input.kind === "unknown" ? undefined : statusIn(input.error);
  return Number(statusIn(shown) ?? caught ?? 500);
}

function statusIn(error: unknown): unknown {
  return (Object(error) as { readonly status?: unknown }).status;
}

/** As SvelteKit does where an app has no hook for errors. */
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
