import { causeOf, isServerError, type Verdict } from "../../core/decide.ts";
import type { Intermission } from "../../core/intermission.ts";
import type { Page, Visit } from "../../core/ports.ts";
import { bypassCookie } from "../bypass-request.ts";
import { addVary, bodyHeaders, pathOf } from "../headers.ts";
import { withDetails } from "../masked-answer.ts";
import { abandon, classOf } from "./response.ts";

/** A request as the Fetch standard has it, as far as it is looked at. */
export type WebRequest = Pick<Request, "method" | "url" | "headers">;

/** What is asked of a request. */
export interface AskedRequest extends Pick<WebRequest, "method" | "url"> {
  /** By names in lower case. */
  readonly headers: Pick<Headers, "get">;
}

/** A request, and how its framework has it. */
export interface WebVisit {
  readonly request: AskedRequest;
  /** The framework's own request, or what stands for it, for `skip` and `onMasked`. */
  readonly own: unknown;
  /**
   * The client's address, where it is known: the Fetch standard has none. A function, since a getter in an object literal
   * gives each object a shape of its own, which costs 10 µs a request.
   */
  readonly addressOf?: () => string | undefined;
}

/**
 * The response itself, unless it is a server error that the page is to replace. Never rejects. Without a promise where
 * the verdict is certain at once: each one delays the answer, and a success needs none.
 */
export function judgeResponse(
  visit: WebVisit,
  response: Response,
  intermission: Intermission,
  error?: unknown,
): Response | Promise<Response> {
  if (!isServerError(response.status)) return response;
  const verdict = verdictOn(visit, response.status, response.headers, intermission, error);
  if (verdict instanceof Promise)
    return verdict.then((late) => settle(visit, response, late, intermission, error));
  return settle(visit, response, verdict, intermission, error);
}

function settle(
  visit: WebVisit,
  response: Response,
  verdict: Verdict,
  intermission: Intermission,
  error: unknown,
): Response {
  const { status, headers } = response;
  if (verdict.observed === true) tell(visit, status, verdict, intermission, error);
  if (verdict.verdict === "regular") return response;
  const page = pageFor(visit, status, headers, verdict, intermission, error, classOf(response));
  abandon(response);
  return page;
}

/** The page in place of something thrown; undefined: the error is regular, and the caller's to throw on. */
export async function judgeThrown(
  visit: WebVisit,
  error: unknown,
  intermission: Intermission,
): Promise<Response | undefined> {
  const headers = new Headers();
  const verdict = await verdictOn(visit, 500, headers, intermission, error);
  if (verdict.observed === true) tell(visit, 500, verdict, intermission, error);
  if (verdict.verdict === "regular") return undefined;
  return pageFor(visit, 500, headers, verdict, intermission, error);
}

function verdictOn(
  { request, own, addressOf }: WebVisit,
  status: number,
  headers: Headers,
  intermission: Intermission,
  error?: unknown,
): Verdict | Promise<Verdict> {
  return intermission.judge({
    status,
    error,
    path: pathOf(request.url),
    address: addressOf?.(),
    bypass: bypassCookie(request.headers.get("cookie") ?? undefined),
    contentType: headers.get("content-type") ?? undefined,
    retryAfter: headers.has("retry-after"),
    skipped: request.headers.get("upgrade")?.toLowerCase() === "websocket" || intermission.skips(own),
  });
}

function pageFor(
  visit: WebVisit,
  status: number,
  failed: Headers,
  verdict: Verdict,
  intermission: Intermission,
  error: unknown,
  Kind?: typeof Response,
): Response {
  const { request } = visit;
  const page = intermission.page(visitOf(request, failed, status), causeOf(verdict));
  tell(visit, status, verdict, intermission, error);
  return toResponse(request, page, failed, Kind);
}

function tell(
  { request, own }: WebVisit,
  status: number,
  { reason, observed }: Verdict,
  intermission: Intermission,
  error: unknown,
): void {
  const answer = { status, method: request.method, path: pathOf(request.url), reason, request: own };
  intermission.masked(withDetails(answer, error, observed));
}

/** What the page depends on, from the request and from the headers of the response that failed. */
export function visitOf(request: AskedRequest, failed: Headers, failedStatus?: number): Visit {
  return {
    method: request.method,
    accept: request.headers.get("accept") ?? undefined,
    acceptLanguage: request.headers.get("accept-language") ?? undefined,
    fetchDestination: request.headers.get("sec-fetch-dest") ?? undefined,
    requestedWith: request.headers.get("x-requested-with") ?? undefined,
    htmxRequest: request.headers.get("hx-request") ?? undefined,
    htmxBoosted: request.headers.get("hx-boosted") ?? undefined,
    failedStatus,
    failedContentType: failed.get("content-type") ?? undefined,
  };
}

/**
 * The page as a response, with those of the failed headers that don't speak of its body.
 *
 * @param Kind The class of the response.
 */
export function toResponse(
  request: AskedRequest,
  page: Page,
  failed: Headers,
  Kind: typeof Response = Response,
): Response {
  // No `Headers`, each of whose methods costs as much as a line here, and which servers would take apart again.
  const headers: Record<string, string> = {};
  const cookies: string[] = [];
  for (const [name, value] of failed) {
    if (name === "set-cookie") cookies.push(value);
    else if (!bodyHeaders.has(name)) headers[name] = value;
  }
  const vary = headers["vary"];
  Object.assign(headers, page.headers);
  if (page.headers["vary"] !== undefined) headers["vary"] = addVary(vary, page.headers["vary"]);
  headers["content-length"] = String(page.body.byteLength);
  const body = request.method === "HEAD" || page.body.byteLength === 0 ? null : page.body;
  return new Kind(body, { status: page.status, headers: withCookies(headers, cookies) });
}

/** Only `Headers` can have a name more than once. */
function withCookies(
  headers: Record<string, string>,
  cookies: readonly string[],
): Headers | Record<string, string> {
  if (cookies.length === 0) return headers;
  const all = new Headers(headers);
  for (const cookie of cookies) all.append("set-cookie", cookie);
  return all;
}
