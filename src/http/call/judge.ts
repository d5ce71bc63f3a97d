import type { Intermission } from "../../core/intermission.ts";
import type { Page, PageRequest } from "../../core/ports.ts";
import { problemType } from "../../core/problem-type.ts";

/*
 * Protocols such as GraphQL and tRPC have their own errors, often several in a response with status 200.
 * There the unit that fails is a call, not a response, and its error is replaced by another error.
 */

/** A call together with its framework's view of it. */
export interface Call {
  /** `GET`: it may be repeated, whatever method carried it. Decides the wording. */
  readonly method: string;
  readonly path: string;
  /** The headers of the request that carried it, by lower-case name. */
  readonly headerOf: (name: string) => string | undefined;
  /** The framework's object for it, for `skip` and `onMasked`. */
  readonly frameworkRequest: unknown;
  readonly addressOf?: () => string | undefined;
}

/** The page as an error. */
export interface PageError {
  /** In the visitor's language. */
  readonly message: string;
  readonly extensions: {
    readonly code: "SERVICE_UNAVAILABLE";
    /** Tells it from other errors with this code. */
    readonly type: string;
    readonly status: number;
    /** Seconds. */
    readonly retryAfter: number;
  };
  /** For a response that contains nothing else. Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A call has no status: its failure is an internal error, whatever the response's status. */
const failedStatus = 500;

/** The replacement for a call's error. undefined: the error is regular and stays. Never rejects. */
export async function judgeCall(
  call: Call,
  error: unknown,
  intermission: Intermission,
): Promise<PageError | undefined> {
  const { method, path, headerOf, frameworkRequest: request, addressOf } = call;
  const replacement = await intermission.replacementFor({
    status: failedStatus,
    error,
    method,
    path,
    request,
    address: addressOf?.(),
    cookie: headerOf("cookie"),
    pageRequest: pageRequestOf(call),
  });
  replacement?.sent();
  return replacement && pageError(replacement.page);
}

/** The answer to a call that must not reach the app. undefined: the app answers. Never rejects. */
export async function gateCall(call: Call, intermission: Intermission): Promise<PageError | undefined> {
  if (!intermission.gated) return undefined;
  const { path, headerOf, frameworkRequest, addressOf } = call;
  const outcome = await intermission.gate({
    path,
    address: addressOf?.(),
    cookie: headerOf("cookie"),
    request: frameworkRequest,
  });
  return outcome === "closed" ? pageError(intermission.page(pageRequestOf(call), "closed")) : undefined;
}

function pageRequestOf({ method, headerOf }: Call): PageRequest {
  const acceptLanguage = headerOf("accept-language");
  return { method, accept: "application/graphql-response+json", acceptLanguage, failedStatus };
}

function pageError(page: Page): PageError {
  let error = read.get(page);
  if (error === undefined) read.set(page, (error = toPageError(page)));
  return error;
}

// One response may have thousands of errors, which all get the same page.
const read = new WeakMap<Page, PageError>();

/** Those that don't describe the body. Without storing, `Vary` is not needed. */
const keptHeaders: ReadonlySet<string> = new Set([
  "cache-control",
  "content-language",
  "retry-after",
  "x-maintenance",
]);

function toPageError({ status, headers, body }: Page): PageError {
  const text = new TextDecoder().decode(body);
  return {
    message: messageIn(text) ?? text.trim(),
    extensions: {
      code: "SERVICE_UNAVAILABLE",
      type: problemType,
      status,
      retryAfter: Number(headers["retry-after"]),
    },
    headers: Object.fromEntries(Object.entries(headers).filter(([name]) => keptHeaders.has(name))),
  };
}

/** Undefined: plain text, because the page is not loaded yet, or one of the operator's own formats. */
function messageIn(text: string): string | undefined {
  try {
    const { errors } = JSON.parse(text) as { readonly errors?: readonly { readonly message?: unknown }[] };
    const message = errors?.[0]?.message;
    return typeof message === "string" ? message : undefined;
  } catch {
    return undefined;
  }
}
