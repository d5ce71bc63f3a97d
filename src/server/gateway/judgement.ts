import { causeOf, type Verdict } from "../../core/decide.ts";
import { reasonOf } from "../../core/errors.ts";
import { currentRelease } from "../../core/state/state.ts";
import type { Intermission } from "../../core/intermission.ts";
import { pathOf } from "../../http/headers.ts";
import { headersGiven, setPageHeader, visitOf } from "../../http/node/header.ts";
import { withDetails } from "../../http/masked-answer.ts";
import type { Context } from "./context.ts";
import type { Upstream } from "./upstreams.ts";
import { factsOf, type Visitor } from "./visitor.ts";

/** A server error for which the visitor may get the page. */
export interface ServerError {
  readonly status: number;
  /** Of the failed answer, names and values in turn. Empty: there was none. */
  readonly headers: readonly string[];
  /** By which release it is judged. null: nothing is known. */
  readonly release: string | null;
}

/**
 * By which release an upstream's error is judged: the one that it named, with this answer or an earlier one, or that it
 * was given; else the gateway's own, since it stands beside the app. Where nobody says any, it is taken for the current
 * one, so that an open deploy and manual mode still count.
 */
export function releaseFor(upstream: Upstream | undefined, intermission: Intermission): string | null {
  const own = upstream?.release ?? intermission.settings.release?.id;
  if (own !== undefined) return own;
  const state = intermission.known?.state;
  return (state && currentRelease(state)?.id) ?? null;
}

/** The verdict. A promise never rejects. */
export function judge(
  visitor: Visitor,
  error: ServerError,
  { intermission }: Context,
): Verdict | Promise<Verdict> {
  const { status, headers, release } = error;
  const facts = factsOf(visitor);
  const verdict = intermission.judge({
    ...facts,
    skipped: facts.skipped === true || intermission.skips(visitor.request),
    status,
    release,
    contentType: valueOf(headers, "content-type"),
    retryAfter: valueOf(headers, "retry-after") !== undefined,
  });
  const noted = (known: Verdict): Verdict => {
    if (known.observed === true) tell(visitor, error, known, intermission);
    return known;
  };
  return verdict instanceof Promise ? verdict.then(noted) : noted(verdict);
}

/** Sends the page in an error's place. False: it could not be sent, and nothing was. */
export function sendPage(visitor: Visitor, error: ServerError, verdict: Verdict, context: Context): boolean {
  const { intermission, counts } = context;
  const { request, response } = visitor;
  const given = headersGiven([error.status, error.headers]);
  try {
    const page = intermission.page(visitOf(request, response, given, error.status), causeOf(verdict));
    response.writeHead(page.status, setPageHeader(request, response, page, given));
    response.end(request.method === "HEAD" ? undefined : page.body);
  } catch (failure) {
    intermission.warn({
      code: "page-failed",
      message: `The page could not be sent (${reasonOf(failure)}); the error stays regular`,
      error: failure,
    });
    if (response.headersSent) return true;
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    return false;
  }
  counts.masked += 1;
  tell(visitor, error, verdict, intermission);
  return true;
}

function tell(
  { request, target }: Visitor,
  { status, release }: ServerError,
  { reason, observed }: Verdict,
  intermission: Intermission,
): void {
  const answer = {
    status,
    method: request.method ?? "GET",
    path: pathOf(target.path),
    reason,
    request,
    release,
  };
  intermission.masked(withDetails(answer, undefined, observed));
}

export function valueOf(headers: readonly string[], wanted: string): string | undefined {
  for (let index = 0; index + 1 < headers.length; index += 2) {
    if (headers[index]?.toLowerCase() === wanted) return headers[index + 1];
  }
  return undefined;
}
