import type { ServerResponse } from "node:http";
import { reasonOf } from "../../core/errors.ts";
import { currentRelease } from "../../core/state/state.ts";
import type { Intermission, Replacement } from "../../core/intermission.ts";
import { receivedPath } from "../../http/headers.ts";
import { passedHeaders, setPageHeader, pageRequestOf } from "../../http/node/header.ts";
import type { Context } from "./context.ts";
import type { Upstream } from "./upstreams.ts";
import type { Visitor } from "./visitor.ts";

/** A server error that may become the page. */
export interface ServerError {
  readonly status: number;
  /** The failed answer's headers, names and values in turn. Empty: there was no answer. */
  readonly headers: readonly string[];
  /** The release it is judged by. null: unknown. */
  readonly release: string | null;
  /** The instance at fault. Undefined: nobody reports that upstream. */
  readonly instance: Upstream["release"]["instance"];
}

/**
 * The release an upstream's error is judged by: the one it named, with this answer or an earlier one; or the
 * one from the settings; else the gateway's own, since it runs beside the app. If there is none, it counts as
 * the current one, so that an open deploy and manual mode still apply.
 */
function releaseFor(upstream: Upstream | undefined, intermission: Intermission): string | null {
  const own = upstream?.release.id ?? intermission.settings.release?.id;
  if (own !== undefined) return own;
  const state = intermission.known?.state;
  return (state && currentRelease(state)?.id) ?? null;
}

/** @param upstream The one at fault. */
export function toServerError(
  status: number,
  headers: readonly string[],
  upstream: Upstream | undefined,
  intermission: Intermission,
): ServerError {
  const release = releaseFor(upstream, intermission);
  return { status, headers, release, instance: upstream?.release.instance };
}

/** What to send instead of an error. A promise never rejects. */
export function replacementFor(
  { request, response, target, address, upgrade }: Visitor,
  { status, headers, release, instance }: ServerError,
  { intermission }: Context,
): Replacement | undefined | Promise<Replacement | undefined> {
  const passed = passedHeaders([status, headers]);
  return intermission.replacementFor({
    status,
    release,
    instance,
    request,
    address,
    method: request.method ?? "GET",
    path: receivedPath(target.path),
    cookie: request.headers.cookie,
    contentType: valueOf(headers, "content-type"),
    retryAfter: valueOf(headers, "retry-after") !== undefined,
    skipped: upgrade !== undefined,
    pageRequest: pageRequestOf(request, response, passed, status),
  });
}

/** Sends the page instead of an error. False: it could not be sent, and nothing was. */
export function sendPage(
  { request, response, record }: Visitor,
  error: ServerError,
  replacement: Replacement,
  { intermission, counts }: Context,
): boolean {
  const { page } = replacement;
  const passed = passedHeaders([error.status, error.headers]);
  try {
    response.writeHead(page.status, setPageHeader(request, response, page, passed, intermission.settings));
    record.bytes = request.method === "HEAD" ? 0 : page.body.byteLength;
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
  record.masked = { status: error.status, reason: replacement.reason };
  replacement.sent();
  return true;
}

export function valueOf(headers: readonly string[], wanted: string): string | undefined {
  for (let index = 0; index + 1 < headers.length; index += 2) {
    if (headers[index]?.toLowerCase() === wanted) return headers[index + 1];
  }
  return undefined;
}

/** @param response Cut off if its answer fails: an unhandled rejection would end the process. */
export function settle(
  response: ServerResponse,
  replacement: Replacement | undefined | Promise<Replacement | undefined>,
  go: (replacement: Replacement | undefined) => void,
): void {
  if (replacement instanceof Promise) replacement.then(go).catch(() => response.destroy());
  else go(replacement);
}
