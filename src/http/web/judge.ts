import { isServerError, keepOriginalStatus } from "../../core/decide.ts";
import type { FailedAnswer, Intermission, Replacement } from "../../core/intermission.ts";
import type { Page, PageRequest } from "../../core/ports.ts";
import { addVary, isKept, pathOf, withFrameAncestors } from "../headers.ts";
import { abandon, classOf } from "./response.ts";

/** The parts of a Fetch request that are used. */
export type WebRequest = Pick<Request, "method" | "url" | "headers">;

/** What is read from a request. */
export interface AskedRequest extends Pick<WebRequest, "method" | "url"> {
  /** By lower-case name. */
  readonly headers: Pick<Headers, "get">;
}

/** A request together with its framework's view of it. */
export interface WebExchange {
  readonly request: AskedRequest;
  /** The framework's own request or its equivalent, for `skip` and `onMasked`. */
  readonly frameworkRequest: unknown;
  /**
   * The client's address, if known: the Fetch standard has none. A function, because a getter in an object
   * literal gives each object its own shape: 10 µs a request.
   */
  readonly addressOf?: () => string | undefined;
}

/**
 * The response itself, unless the page replaces its server error. Never rejects. No promise if the verdict is
 * certain at once: each one delays the answer, and a success needs none.
 */
export function judgeResponse(
  exchange: WebExchange,
  response: Response,
  intermission: Intermission,
  error?: unknown,
): Response | Promise<Response> {
  if (!isServerError(response.status)) return response;
  const { headers } = response;
  const replacement = intermission.replacementFor(
    new FailedResponse(exchange, response.status, headers, error),
  );
  const send = (late: Replacement | undefined): Response => {
    if (late === undefined) return response;
    const page = toResponse(exchange.request, late.page, headers, intermission, classOf(response));
    keepOriginalStatus(page, late.originalStatus);
    late.sent();
    abandon(response);
    return page;
  };
  return replacement instanceof Promise ? replacement.then(send) : send(replacement);
}

/** The page for a thrown error. undefined: the error is regular, and the caller rethrows it. */
export async function judgeThrown(
  exchange: WebExchange,
  error: unknown,
  intermission: Intermission,
): Promise<Response | undefined> {
  const headers = new Headers();
  const replacement = await intermission.replacementFor(new FailedResponse(exchange, 500, headers, error));
  if (replacement === undefined) return undefined;
  const page = toResponse(exchange.request, replacement.page, headers, intermission);
  keepOriginalStatus(page, replacement.originalStatus);
  replacement.sent();
  return page;
}

class FailedResponse implements FailedAnswer {
  readonly status: number;
  readonly error: unknown;
  readonly request: unknown;
  readonly path: string;
  readonly #exchange: WebExchange;
  readonly #headers: Headers;

  constructor(exchange: WebExchange, status: number, headers: Headers, error: unknown) {
    this.status = status;
    this.error = error;
    this.request = exchange.frameworkRequest;
    this.path = pathOf(exchange.request.url);
    this.#exchange = exchange;
    this.#headers = headers;
  }

  get method(): string {
    return this.#exchange.request.method;
  }

  get address(): string | undefined {
    return this.#exchange.addressOf?.();
  }

  get cookie(): string | undefined {
    return this.#exchange.request.headers.get("cookie") ?? undefined;
  }

  get contentType(): string | undefined {
    return this.#headers.get("content-type") ?? undefined;
  }

  get retryAfter(): boolean {
    return this.#headers.has("retry-after");
  }

  get skipped(): boolean {
    return this.#exchange.request.headers.get("upgrade")?.toLowerCase() === "websocket";
  }

  get pageRequest(): PageRequest {
    return pageRequestOf(this.#exchange.request, this.#headers, this.status);
  }
}

/** What the page depends on, from the request and the failed response's headers. */
export function pageRequestOf(request: AskedRequest, failed: Headers, failedStatus?: number): PageRequest {
  return {
    method: request.method,
    accept: request.headers.get("accept") ?? undefined,
    acceptLanguage: request.headers.get("accept-language") ?? undefined,
    acceptEncoding: request.headers.get("accept-encoding") ?? undefined,
    fetchDestination: request.headers.get("sec-fetch-dest") ?? undefined,
    requestedWith: request.headers.get("x-requested-with") ?? undefined,
    htmxRequest: request.headers.get("hx-request") ?? undefined,
    htmxBoosted: request.headers.get("hx-boosted") ?? undefined,
    failedStatus,
    failedContentType: failed.get("content-type") ?? undefined,
  };
}

/**
 * The page as a response, with the failed headers that it keeps.
 *
 * @param Kind The class of the response.
 */
export function toResponse(
  request: AskedRequest,
  page: Page,
  failed: Headers,
  { settings: { keepHeaders } }: Pick<Intermission, "settings">,
  Kind: typeof Response = Response,
): Response {
  // Not `Headers`: each of its methods costs as much as a line here, and servers take it apart again.
  const headers: Record<string, string> = {};
  const cookies: string[] = [];
  for (const [name, value] of failed) {
    if (name === "set-cookie") cookies.push(value);
    else if (isKept(name, keepHeaders)) headers[name] = value;
  }
  const vary = headers["vary"];
  Object.assign(headers, page.headers);
  if (page.headers["vary"] !== undefined) headers["vary"] = addVary(vary, page.headers["vary"]);
  const policy = page.headers["content-security-policy"];
  if (policy !== undefined) {
    headers["content-security-policy"] = withFrameAncestors(
      policy,
      failed.get("content-security-policy") ?? undefined,
    );
  }
  headers["content-length"] = String(page.body.byteLength);
  const body = request.method === "HEAD" || page.body.byteLength === 0 ? null : page.body;
  return new Kind(body, { status: page.status, headers: withCookies(headers, cookies) });
}

/** Only `Headers` can repeat a name. */
function withCookies(
  headers: Record<string, string>,
  cookies: readonly string[],
): Headers | Record<string, string> {
  if (cookies.length === 0) return headers;
  const all = new Headers(headers);
  for (const cookie of cookies) all.append("set-cookie", cookie);
  return all;
}
