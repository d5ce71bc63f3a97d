import type { IncomingMessage, ServerResponse } from "node:http";
import { reasonOf } from "../../core/errors.ts";
import type { Intermission, Replacement } from "../../core/intermission.ts";
import { keepOriginalStatus } from "../../core/decide.ts";
import { setPageHeader, type PassedHeaders, makeReady } from "./header.ts";
import type { Originals, SendingMethod } from "./methods.ts";

const nothing: Buffer = Buffer.alloc(0);

type Callback = (error?: Error | null) => void;

/** A response that is watched, and what it answers. */
export interface Watched {
  readonly intermission: Intermission;
  readonly request: IncomingMessage;
  /** The methods of the response as they were. */
  readonly originals: Originals;
}

/** A response that the page may replace, or has replaced. */
export interface MaskedResponse extends Watched {
  /**
   * `watching`: nothing was sent. `passing`: the app has the response back, or the page itself is being sent. `held`: a
   * server error waits for its verdict. `replaced`: it is the page; what the app writes is dropped.
   */
  phase: "watching" | "passing" | "held" | "replaced";
  /** Of the page, until it is sent. */
  body: Buffer | undefined;
  /** Bytes that the app wrote into the page, since it was last told to wait. */
  dropped: number;
}

/**
 * Makes the header of a response that of the page, to be sent with the body. The body is left to what the app does next,
 * so that its callbacks and `finish` come when it has written all, as ever.
 *
 * @returns The body; empty where there is to be none. Undefined: the page could not be sent, and nothing was.
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
    // Left to the methods below, a compressor that was not asked yet would announce the page as its own work.
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

/** The app's own body is dropped, and the page's is sent; but its callbacks are called and its end is the end. */
export function drop(
  response: ServerResponse,
  masked: MaskedResponse,
  method: SendingMethod,
  parameters: readonly unknown[],
): unknown {
  // Node says so.
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

/** Says at the high-water mark that enough is waiting, and soon after that it has drained: so who writes can stop. */
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

/** @param parameters Of the app's own `end`, whose overload is kept: who wrapped it may know no other. */
function sendEnd(response: ServerResponse, masked: MaskedResponse, parameters: readonly unknown[]): void {
  const { originals, body = nothing } = masked;
  const hasChunk = parameters.length > 0 && typeof parameters[0] !== "function";
  const rest = hasChunk ? parameters.slice(1) : parameters;
  const isBare =
    body.byteLength === 0 && (!hasChunk || parameters[0] === undefined || parameters[0] === null);
  const isSent = masked.body === undefined;
  masked.body = undefined;
  // HTTP/2's own `end` hands its body to `write`.
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
 * Something waits for its turn on the connection, such as an informational answer: Node would put a header that goes out
 * together with bytes in front of it.
 */
function waitsForTurn(response: ServerResponse): boolean {
  const { outputData } = response as { readonly outputData?: unknown };
  return Array.isArray(outputData) && outputData.length > 0;
}

interface Http2Response {
  readonly stream?: { sendTrailers: (trailers: object) => void };
}

/**
 * The compatibility API sends what the app has given to `addTrailers`, which can't be taken back. HTTP/1.1 has no trailers
 * behind a body whose length is known.
 */
function withoutTrailers({ stream }: Http2Response): void {
  if (stream === undefined) return;
  const { sendTrailers } = stream;
  stream.sendTrailers = () => {
    Reflect.apply(sendTrailers, stream, [{}]);
  };
}
