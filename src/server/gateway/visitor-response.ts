import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerResponse, ServerHttp2Stream } from "node:http2";
import { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { toTrailers, type ResponseHead } from "./response-head.ts";
import type { Visitor } from "./visitor.ts";

/*
 * A response to a visitor, who may speak HTTP/1 or HTTP/2. Node's two kinds of response differ in how a head is written,
 * and in how a body is cut so that the visitor sees that it is not whole.
 */

/** RST_STREAM with INTERNAL_ERROR: RFC 9113 section 7. */
const internalError = 2;

/** @returns false when it has something that Node won't write; nothing was sent then. */
export function writeHead(
  { request, response, record }: Visitor,
  { status, message, headers: given, hasRequestId }: ResponseHead,
): boolean {
  const headers = hasRequestId ? given : [...given, "X-Request-Id", record.id];
  try {
    if (request.httpVersionMajor >= 2) response.writeHead(status, toRecord(headers));
    // A reason phrase says nothing that the status does not: where Node refuses it, its own is as good.
    else if (message === "" || /[^\t\x20-\x7e\x80-\xff]/.test(message))
      response.writeHead(status, headers as string[]);
    else response.writeHead(status, message, headers as string[]);
    return true;
  } catch {
    return false;
  }
}

/** Names in lower case (RFC 9113 section 8.2.1), each once. */
function toRecord(headers: readonly string[]): Record<string, string | string[]> {
  const record: Record<string, string | string[]> = {};
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index]?.toLowerCase() ?? "";
    const value = headers[index + 1] ?? "";
    const before = record[name];
    if (before === undefined) record[name] = value;
    else record[name] = [before, value].flat();
  }
  return record;
}

export function addTrailers(
  request: IncomingMessage,
  response: ServerResponse,
  raw: readonly string[],
): void {
  const trailers = toTrailers(raw);
  try {
    response.addTrailers(request.httpVersionMajor >= 2 ? toRecord(trailers.flat()) : trailers);
  } catch {
    // Node refuses some values. The body is whole, and ends as it should.
  }
}

/** Passes an interim answer on, of those that concern the visitor: 103 alone. */
export function inform(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  raw: readonly string[],
): void {
  if (status !== 103 || response.headersSent || request.httpVersion === "1.0") return;
  const link = toTrailers(raw)
    .filter(([name]) => name.toLowerCase() === "link")
    .map(([, value]) => value);
  try {
    if (link.length > 0) response.writeEarlyHints({ link });
  } catch {
    // Hints that Node does not take for any. The answer is still to come.
  }
}

/**
 * Ends an answer that has begun so that nobody takes the part for the whole.
 *
 * @param hasLength It said how long it is.
 */
export function cutOff(request: IncomingMessage, response: ServerResponse, hasLength: boolean): void {
  const stream = streamOf(request, response);
  if (stream !== undefined) {
    stream.close(internalError);
    return;
  }
  const { socket } = response;
  // Where only the end of the connection ends a body, an orderly end would say that it is whole.
  const isPlain = socket instanceof Socket && !(socket instanceof TLSSocket);
  if (isPlain && !hasLength && !response.chunkedEncoding) socket.resetAndDestroy();
  response.destroy();
}

/** A visitor who is silent for so long is let go. */
export function limitSilence(request: IncomingMessage, response: ServerResponse, milliseconds: number): void {
  const stream = streamOf(request, response);
  if (stream === undefined) {
    request.socket.setTimeout(milliseconds);
    return;
  }
  stream.setTimeout(milliseconds);
  if (limited.has(stream)) return;
  limited.add(stream);
  stream.on("timeout", () => {
    stream.close(internalError);
  });
}

/** Those that have their listener: a slow visitor is met many times. */
const limited = new WeakSet<ServerHttp2Stream>();

function streamOf(request: IncomingMessage, response: ServerResponse): ServerHttp2Stream | undefined {
  return request.httpVersionMajor >= 2 ? (response as unknown as Http2ServerResponse).stream : undefined;
}
