import type { IncomingMessage, ServerResponse } from "node:http";
import { reasonOf } from "../../core/errors.ts";
import type { Intermission, Replacement } from "../../core/intermission.ts";
import { keepOriginalStatus } from "../../core/decide.ts";
import { setPageHeader, type PassedHeaders, makeReady } from "./header.ts";
import type { Originals, SendingMethod } from "./methods.ts";

const nothing: Buffer = Buffer.alloc(0);

type Callback = (error?: Error | null) => void;

/** A response that is watched for errors. */
export interface Watched {
  readonly intermission: Intermission;
  readonly request: IncomingMessage;
  /** The original methods of the response. */
  readonly originals: Originals;
}

/** Shared by all responses of an intermission, unless their framework has more to say. */
export interface Watch extends Pick<Watched, "intermission" | "originals"> {
  /** undefined: the response knows it, and its framework has no other. */
  readonly request: IncomingMessage | undefined;
  /** The framework's own request, or Node's. */
  readonly frameworkRequest: object | undefined;
  readonly errorOf: (() => unknown) | undefined;
}

/** A response that the page may replace, or has replaced. */
export interface MaskedResponse extends Watched {
  /**
   * `watching`: nothing was sent. `passing`: the app has the response back, or the page is being sent.
   * `held`: a server error waits for its verdict. `replaced`: the page was sent, and the app's writes are
   * dropped.
   */
  phase: "watching" | "passing" | "held" | "replaced";
  /** The page's body until it is sent. */
  body: Buffer | undefined;
  /** Bytes the app has written since it was last told to wait; they were dropped. */
  dropped: number;
}

/**
 * Turns a response's header into the page's, to be sent with the body. The body waits for the app's next
 * write or end, so that callbacks and `finish` come when the app has written everything.
 *
 * @returns The body; empty if there is none. Undefined: the page could not be sent, and nothing was.
 */
export function sendHeader(
  response: ServerResponse,
  { intermission, request, originals }: Watched,
  replacement: Replacement,
  passed: PassedHeaders,
): Buffer | undefined {
  const { page } = replacement;
  try {
    const headers = setPageHeader(request, response, page, passed, intermission.settings);
    if (request.httpVersionMajor >= 2) withoutTrailers(response as unknown as Http2Response);
    // Called directly: otherwise a compressor that has not run yet would label the page as its own output.
    Reflect.apply(originals.writeHead, response, [page.status, headers]);
  } catch (failure) {
    warnOfPage(intermission, failure);
    return response.headersSent ? nothing : undefined;
  }
  keepOriginalStatus(response, replacement.originalStatus);
  replacement.sent();
  return request.method === "HEAD" ? nothing : makeReady(page).body;
}

export function warnOfPage(intermission: Intermission, error: unknown): void {
  intermission.warn({
    code: "page-failed",
    message: `The page could not be sent (${reasonOf(error)}); the error stays regular`,
    error,
  });
}

/** Drops the app's body and sends the page's, but calls the app's callbacks and ends when the app ends. */
export function drop(
  response: ServerResponse,
  masked: MaskedResponse,
  method: SendingMethod,
  parameters: readonly unknown[],
): unknown {
  // Let Node report the error.
  if (response.writableEnded) return Reflect.apply(masked.originals[method], response, parameters);
  switch (method) {
    case "write":
      sendBody(response, masked);
      return dropWrite(response, masked, parameters);
    case "flushHeaders":
      sendBody(response, masked);
      return response;
    case "end":
      sendEnd(response, masked, parameters);
      return response;
    default:
      return response;
  }
}

/** Signals back-pressure at the high-water mark and drains soon after, so that well-behaved writers pause. */
function dropWrite(
  response: ServerResponse,
  masked: MaskedResponse,
  parameters: readonly unknown[],
): boolean {
  const callback = parameters.find((parameter): parameter is Callback => typeof parameter === "function");
  if (callback !== undefined) process.nextTick(callback);
  const [chunk] = parameters;
  masked.dropped += typeof chunk === "string" || chunk instanceof Uint8Array ? chunk.length : 0;
  if (masked.dropped < response.writableHighWaterMark) return true;
  masked.dropped = 0;
  setImmediate(() => response.emit("drain"));
  return false;
}

function sendBody(response: ServerResponse, masked: MaskedResponse): void {
  const { originals, body } = masked;
  if (body === undefined) return;
  masked.body = undefined;
  if (body.byteLength === 0 || waitsForTurn(response)) Reflect.apply(originals.flushHeaders, response, []);
  if (body.byteLength > 0) Reflect.apply(originals.write, response, [body]);
}

/** @param parameters Those of the app's own `end`, in the same overload: a wrapper may support no other. */
function sendEnd(response: ServerResponse, masked: MaskedResponse, parameters: readonly unknown[]): void {
  const { originals, body = nothing } = masked;
  const hasChunk = parameters.length > 0 && typeof parameters[0] !== "function";
  const rest = hasChunk ? parameters.slice(1) : parameters;
  const isBare =
    body.byteLength === 0 && (!hasChunk || parameters[0] === undefined || parameters[0] === null);
  const isSent = masked.body === undefined;
  masked.body = undefined;
  // HTTP/2's `end` calls `write` with its body.
  masked.phase = "passing";
  try {
    if (!isSent && body.byteLength > 0 && waitsForTurn(response))
      Reflect.apply(originals.flushHeaders, response, []);
    Reflect.apply(originals.end, response, isBare ? parameters : [body, ...rest]);
  } finally {
    masked.phase = "replaced";
  }
}

/**
 * Something is queued on the connection, such as an informational answer. A header sent with its body would
 * overtake it.
 */
function waitsForTurn(response: ServerResponse): boolean {
  const { outputData } = response as { readonly outputData?: unknown };
  return Array.isArray(outputData) && outputData.length > 0;
}

interface Http2Response {
  readonly stream?: { sendTrailers: (trailers: object) => void };
}

/**
 * The compatibility API sends trailers from `addTrailers`, which can't be undone. HTTP/1.1 has none after a
 * body of known length.
 */
function withoutTrailers({ stream }: Http2Response): void {
  if (stream === undefined) return;
  const { sendTrailers } = stream;
  stream.sendTrailers = () => {
    Reflect.apply(sendTrailers, stream, [{}]);
  };
}
