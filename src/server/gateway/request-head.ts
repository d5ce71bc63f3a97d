import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest } from "node:http2";
import type { Client } from "./forwarded.ts";
import { hopByHop, namedByConnection } from "./hop-by-hop.ts";

/** A request's destination, from its target: RFC 9112 section 3.2. */
export interface Target {
  readonly path: string;
  /** The `Host` to send: that of an absolute target wins over the header. */
  readonly host: string | undefined;
}

/** Undefined: it can't be forwarded (`*`, the target of a CONNECT, or two hosts: RFC 9112 section 3.2). */
export function toTarget({ url = "", headers, rawHeaders }: IncomingMessage): Target | undefined {
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === 4 && name.toLowerCase() === "host") hosts += 1;
  }
  if (hosts > 1) return undefined;
  if (url.startsWith("/")) return { path: url, host: authorityOf(headers) };
  const [, authority, rest = ""] = /^https?:\/\/([^/?#]+)(.*)$/is.exec(url) ?? [];
  if (authority === undefined) return undefined;
  return { path: rest.startsWith("/") ? rest : `/${rest}`, host: authority };
}

/** HTTP/2 has a pseudo-header instead: RFC 9113 section 8.3.1. */
function authorityOf(headers: IncomingMessage["headers"]): string | undefined {
  const authority = headers[":authority"];
  return typeof authority === "string" ? authority : headers.host;
}

/** Headers that only we set, in lower case. */
const ours: ReadonlySet<string> = new Set([
  ...hopByHop,
  "expect",
  "forwarded",
  "host",
  // Request trailers are not forwarded, as RFC 9110 section 6.5.1 allows.
  "trailer",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-real-ip",
  "x-request-id",
]);

/**
 * Headers that tell an app who the visitor is or what its own address is: only a trusted proxy may send them.
 */
function isProxys(lower: string): boolean {
  return lower.startsWith("x-forwarded-") || lower === "x-scheme" || lower === "front-end-https";
}

/** The headers for the upstream: names and values in turn, in their original spelling. */
export function toUpstreamHeaders(
  { rawHeaders, headers, httpVersionMajor }: IncomingMessage,
  host: string | undefined,
  client: Client,
  requestId: string,
): string[] {
  const named = namedByConnection(headers.connection);
  const sent: string[] = host === undefined ? [] : ["Host", host];
  const cookies: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? "";
    const lower = name.toLowerCase();
    // Many servers pass X_Forwarded_For to the app under the same name as X-Forwarded-For.
    const meant = lower.includes("_") ? lower.replaceAll("_", "-") : lower;
    if (ours.has(meant) || named?.has(lower) === true) continue;
    if (!client.isTrusted && isProxys(meant)) continue;
    if (httpVersionMajor >= 2) {
      if (lower.startsWith(":")) continue;
      if (lower === "cookie") {
        cookies.push(rawHeaders[index + 1] ?? "");
        continue;
      }
    }
    sent.push(name, rawHeaders[index + 1] ?? "");
  }
  // HTTP/2 may split it: RFC 9113 section 8.2.3.
  if (cookies.length > 0) sent.push("Cookie", cookies.join("; "));
  // Response trailers are passed on, so a client may ask for them.
  if (/(?:^|,)\s*trailers\s*(?:[,;]|$)/i.test(text(headers["te"]))) sent.push("TE", "trailers");
  sent.push(...client.headers, "X-Request-Id", requestId);
  return sent;
}

/** A request has a body if it states a length or a transfer coding: RFC 9112 section 6.3. */
export function hasBody(request: IncomingMessage): boolean {
  // In HTTP/2 the stream says whether anything follows.
  if (request.httpVersionMajor >= 2)
    return !(request as unknown as Http2ServerRequest).stream.endAfterHeaders;
  const { headers } = request;
  if (headers["transfer-encoding"] !== undefined) return true;
  const length = headers["content-length"];
  return length !== undefined && Number(length) !== 0;
}

/** Its body has a coding other than chunked. Codings belong to one connection, so it can't be forwarded. */
export function hasOtherCoding({ headers }: IncomingMessage): boolean {
  const coding = headers["transfer-encoding"];
  return coding !== undefined && coding.trim().toLowerCase() !== "chunked";
}

/** For these methods a missing body needs no header: RFC 9110 section 8.6. */
const withoutBody: ReadonlySet<string> = new Set(["GET", "HEAD", "DELETE", "OPTIONS", "TRACE"]);

/**
 * The headers that tell the upstream where the body ends.
 *
 * @param length Of the whole body. Undefined: it is still arriving.
 */
export function toFraming(
  request: IncomingMessage,
  isPresent: boolean,
  length: number | undefined,
): readonly string[] {
  if (request.headers["content-length"] !== undefined) return [];
  if (!isPresent) return withoutBody.has(request.method ?? "GET") ? [] : ["Content-Length", "0"];
  // Many app servers can't read chunks, so send a length if it is known.
  return length === undefined ? ["Transfer-Encoding", "chunked"] : ["Content-Length", String(length)];
}

function text(value: string | readonly string[] | undefined): string {
  return typeof value === "string" ? value : (value?.join(", ") ?? "");
}
