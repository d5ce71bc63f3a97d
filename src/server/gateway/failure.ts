import type { IncomingMessage, ServerResponse } from "node:http";
import type { Visit } from "../../core/ports.ts";
import { chooseFormat } from "../../page/choose-format.ts";

/**
 * Why a request has no answer. `refused`: no connection could be opened. `broken`: it ended, or what came was no HTTP.
 * `timeout`: nothing came in time. `unreachable`: it took too long to open one. `invalid`: it can't be forwarded at all.
 */
export type FailureKind = "refused" | "broken" | "timeout" | "unreachable" | "invalid";

/** RFC 9110 sections 15.5.1, 15.6.3 and 15.6.5. */
const failures = {
  refused: { status: 502, title: "Bad Gateway", detail: "The app can't be reached." },
  broken: { status: 502, title: "Bad Gateway", detail: "The app ended the connection without an answer." },
  timeout: { status: 504, title: "Gateway Timeout", detail: "The app did not answer in time." },
  unreachable: { status: 504, title: "Gateway Timeout", detail: "The app could not be reached in time." },
  invalid: { status: 400, title: "Bad Request", detail: "The request can't be passed on." },
} as const satisfies Record<FailureKind, object>;

const timeouts: ReadonlySet<string> = new Set([
  "ETIMEDOUT",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
]);
const refusals: ReadonlySet<string> = new Set(["UND_ERR_INVALID_ARG", "UND_ERR_NOT_SUPPORTED"]);

/** @param sent The request was begun to be written. */
export function toFailure(error: Error, sent: boolean): FailureKind {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (refusals.has(code)) return "invalid";
  if (timeouts.has(code)) return sent ? "timeout" : "unreachable";
  return sent ? "broken" : "refused";
}

export function statusOf(kind: FailureKind): number {
  return failures[kind].status;
}

/** The regular answer: a line of text, or problem details (RFC 9457) for programs. */
export function sendFailure(
  request: IncomingMessage,
  response: ServerResponse,
  kind: FailureKind,
  visit: Visit,
): void {
  const { status, title, detail } = failures[kind];
  const isProblem = chooseFormat(visit).name === "problem";
  const text = isProblem
    ? JSON.stringify({ type: "about:blank", title, status, detail })
    : `${String(status)} ${title}\n${detail}\n`;
  const body = Buffer.from(text);
  response.writeHead(status, {
    "content-type": isProblem ? "application/problem+json" : "text/plain; charset=utf-8",
    "content-length": body.byteLength,
    "cache-control": "no-store",
  });
  response.end(request.method === "HEAD" ? undefined : body);
}
