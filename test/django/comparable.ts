import type { Answer } from "../support/http.ts";

/** What differs by the route an answer took, or is meant for the proxy and not the visitor. */
const ofTheWay: ReadonlySet<string> = new Set([
  "accept-ranges",
  "age",
  "connection",
  // A proxy may send in chunks what came with its length. The body itself is compared.
  "content-length",
  "date",
  "host",
  "keep-alive",
  "server",
  "transfer-encoding",
  "via",
  "x-release",
  // The gateway gives each request one.
  "x-request-id",
  // Rails says how long it took.
  "x-runtime",
  "x-varnish",
]);

/** What is the same whichever route an answer took. */
export function comparable({ status, statusMessage, headers, body }: Answer): object {
  const kept = Object.entries(headers).filter(([name]) => !ofTheWay.has(name));
  return { status, statusMessage, headers: Object.fromEntries(kept), body };
}
