import type { IncomingMessage } from "node:http";
import { hopByHop, namedByConnection } from "./hop-by-hop.ts";

/** Where a request goes, from its target: RFC 9112 section 3.2. */
export interface Target {
  readonly path: string;
  /** The `Host` to send: the one in an absolute target counts more than the header. */
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
  if (url.startsWith("/")) return { path: url, host: headers.host };
  const [, authority, rest = ""] = /^https?:\/\/([^/?#]+)(.*)$/is.exec(url) ?? [];
  if (authority === undefined) return undefined;
  return { path: rest.startsWith("/") ? rest : `/${rest}`, host: authority };
}

/** Headers that are ours to say, in lower case. */
const ours: ReadonlySet<string> = new Set([
  ...hopByHop,
  "expect",
  "forwarded",
  "host",
  // Those of requests are not passed on: RFC 9110 section 6.5.1 leaves that to whoever forwards.
  "trailer",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-real-ip",
]);

/** The headers for the upstream: names and values in turn, as they were spelt. */
export function toUpstreamHeaders(
  { rawHeaders, headers }: IncomingMessage,
  host: string | undefined,
  forwarded: readonly string[],
): string[] {
  const named = namedByConnection(headers.connection);
  const sent: string[] = host === undefined ? [] : ["Host", host];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? "";
    const lower = name.toLowerCase();
    if (ours.has(lower) || named?.has(lower) === true) continue;
    // Many servers hand X_Forwarded_For to the app under the same name as X-Forwarded-For.
    if (lower.includes("_") && ours.has(lower.replaceAll("_", "-"))) continue;
    sent.push(name, rawHeaders[index + 1] ?? "");
  }
  // Answers' trailers are passed on, so that who waits for them may say so.
  if (/(?:^|,)\s*trailers\s*(?:[,;]|$)/i.test(text(headers["te"]))) sent.push("TE", "trailers");
  sent.push(...forwarded);
  return sent;
}

/** A request has a body when it says how long it is, or that it says so on the way: RFC 9112 section 6.3. */
export function hasBody({ headers }: IncomingMessage): boolean {
  if (headers["transfer-encoding"] !== undefined) return true;
  const length = headers["content-length"];
  return length !== undefined && Number(length) !== 0;
}

function text(value: string | readonly string[] | undefined): string {
  return typeof value === "string" ? value : (value?.join(", ") ?? "");
}
