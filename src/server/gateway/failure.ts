import type { PageRequest } from "../../core/ports.ts";
import { chooseFormat } from "../../page/choose-format.ts";
import type { Visitor } from "./visitor.ts";

/**
 * Why a request has no answer from an upstream. `refused`: no connection could be opened. `broken`: the
 * connection ended, or the answer was not HTTP. `timeout`: nothing came in time. `unreachable`: opening a
 * connection took too long. `invalid`: it can't be forwarded at all. `misdirected`: its host is not served
 * here. `coding`: its body has a coding that can't be passed on. `large`: its body is too large. `busy`: the
 * upstream already has as many requests as allowed.
 */
export type FailureKind =
  "refused" | "broken" | "timeout" | "unreachable" | "invalid" | "misdirected" | "coding" | "large" | "busy";

/** RFC 9110 sections 15.5 and 15.6. */
const failures = {
  refused: { status: 502, title: "Bad Gateway", detail: "The app can't be reached." },
  broken: { status: 502, title: "Bad Gateway", detail: "The app ended the connection without an answer." },
  timeout: { status: 504, title: "Gateway Timeout", detail: "The app did not answer in time." },
  unreachable: { status: 504, title: "Gateway Timeout", detail: "The app could not be reached in time." },
  invalid: { status: 400, title: "Bad Request", detail: "The request can't be passed on." },
  misdirected: { status: 421, title: "Misdirected Request", detail: "This host is not served here." },
  coding: { status: 501, title: "Not Implemented", detail: "Its transfer coding is not known here." },
  large: { status: 413, title: "Content Too Large", detail: "The request's body is too large." },
  busy: { status: 503, title: "Service Unavailable", detail: "The app has too much to do." },
} as const satisfies Record<FailureKind, object>;

/** @param sent Part of the request was written. */
export function toFailure(error: Error, sent: boolean): FailureKind {
  if ("code" in error && error.code === "ETIMEDOUT") return sent ? "timeout" : "unreachable";
  return sent ? "broken" : "refused";
}

/** Seconds after which a rejected visitor may retry. */
const comeAgainAfter = 5;

export function statusOf(kind: FailureKind): number {
  return failures[kind].status;
}

/** The regular answer: a line of text, or problem details (RFC 9457) for programs. */
export function sendFailure(
  { request, response, record }: Visitor,
  kind: FailureKind,
  pageRequest: PageRequest,
): void {
  const { status, title, detail } = failures[kind];
  const isProblem = chooseFormat(pageRequest).name === "problem";
  const text = isProblem
    ? JSON.stringify({ type: "about:blank", title, status, detail })
    : `${String(status)} ${title}\n${detail}\n`;
  const body = Buffer.from(text);
  response.writeHead(status, {
    "content-type": isProblem ? "application/problem+json" : "text/plain; charset=utf-8",
    "content-length": body.byteLength,
    "cache-control": "no-store",
    "x-request-id": record.id,
    ...(kind === "busy" && { "retry-after": String(comeAgainAfter) }),
  });
  if (request.method === "HEAD") {
    response.end();
    return;
  }
  record.bytes = body.byteLength;
  response.end(body);
}
