import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerResponse, ServerHttp2Stream } from "node:http2";
import { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { toTrailers, type ResponseHead } from "./response-head.ts";
import type { Visitor } from "./visitor.ts";

/*
 * A response over HTTP/1 or HTTP/2. Node's two kinds differ in how a head is written, and in how to cut a
 * body off so that the visitor notices.
 */

/** RST_STREAM with INTERNAL_ERROR: RFC 9113 section 7. */
const internalError = 2;

/** @returns false if Node refuses to write part of it; then nothing was sent. */
export function writeHead(
  { request, response, record }: Visitor,
  { status, message, headers: given, hasRequestId }: ResponseHead,
): boolean {
  const headers = hasRequestId ? given : [...given, "X-Request-Id", record.id];
  try {
    if (request.httpVersionMajor >= 2) response.writeHead(status, toRecord(headers));
    // A reason phrase adds nothing to the status: if Node refuses it, its own will do.
    else if (message === "" || /[^\t\x20-\x7e\x80-\xff]/.test(message))
      response.writeHead(status, headers as string[]);
    else response.writeHead(status, message, headers as string[]);
    return true;
  } catch {
    return false;
  }
}

/** Lower-case names (RFC 9113 section 8.2.1), each once. */
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
    // Node refuses some values. The body is complete, so it ends normally.
  }
}

/** Passes on interim responses that matter to the visitor: only 103. */
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
    // Node does not accept these hints. The final answer still comes.
  }
}

/**
 * Ends an answer that has begun so that nobody takes the part for the whole.
 *
 * @param hasLength It stated its length.
 */
export function cutOff(request: IncomingMessage, response: ServerResponse, hasLength: boolean): void {
  const stream = streamOf(request, response);
  if (stream !== undefined) {
    stream.close(internalError);
    return;
  }
  const { socket } = response;
  // If only the end of the connection ends a body, an orderly end would claim that it is complete.
  const isPlain = socket instanceof Socket && !(socket instanceof TLSSocket);
  if (isPlain && !hasLength && !response.chunkedEncoding) socket.resetAndDestroy();
  response.destroy();
}

/** Disconnects a visitor who is silent for so long. */
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

/** Those that already have their listener: a slow visitor comes up many times. */
const limited = new WeakSet<ServerHttp2Stream>();

function streamOf(request: IncomingMessage, response: ServerResponse): ServerHttp2Stream | undefined {
  return request.httpVersionMajor >= 2 ? (response as unknown as Http2ServerResponse).stream : undefined;
}
