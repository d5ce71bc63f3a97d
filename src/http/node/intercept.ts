import {
  validateHeaderName,
  validateHeaderValue,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { isServerError } from "../../core/decide.ts";
import { reasonOf } from "../../core/errors.ts";
import type { Intermission, Replacement } from "../../core/intermission.ts";
import { FailedResponse, headersGiven, type GivenHeaders } from "./header.ts";
import { copyCalls, type CopyHold } from "./hold.ts";
import { holdNatively, type NativeHold } from "./native-hold.ts";
import { createCatcher, type Originals, type SendingMethod } from "./methods.ts";
import { sendHeader, warnOfPage, type Watched } from "./page.ts";

/*
 * A response is watched through the four methods by which its header can begin to be sent. Whatever calls them (a
 * framework after a throw, an error handler, a stream), the first of them meets a response that is complete but for its
 * body, and of which nothing was sent. There the verdict is taken.
 *
 * Taking over in `writeHead` alone would not do: `end(body)` calls it from the inside, and then goes on to write the
 * app's body behind the page.
 */

type Callback = (error?: Error | null) => void;

const nothing: Buffer = Buffer.alloc(0);

/**
 * `watching`: nothing was sent. `passing`: the app has the response back. `held`: a server error waits for its verdict.
 * `replaced`: it is the page; what the app writes is dropped.
 */
type Phase = "watching" | "passing" | "held" | "replaced";

interface Interception extends Watched {
  /** The framework's own request, or Node's. */
  readonly own: object;
  phase: Phase;
  error: unknown;
  readonly errorOf: (() => unknown) | undefined;
  hold: CopyHold | NativeHold | undefined;
  /** What the page's header is to be made of beside the response's own. */
  given: GivenHeaders;
  /** Of a page in the place of an error, until it is sent. */
  body: Buffer | undefined;
  /** Bytes that the app wrote into the page, since it was last told to wait. */
  dropped: number;
}

// One property, with all that belongs to it: a WeakMap costs microseconds a response, in Express each property does.
const interceptionKey = Symbol("intermission");

type Intercepted = ServerResponse & { [interceptionKey]?: Interception };

const catchCalls = createCatcher(handle);

/**
 * Lets an intermission judge a response before anything of it is sent. A success costs a comparison; bodies are never
 * buffered, but for an error that waits for its verdict (64 KiB, `readTimeout`). For HTTP/1.1 and the compatibility API
 * of HTTP/2. A response is watched once, though `auto` and an adapter meet in a process.
 *
 * @param own The framework's own request, where it is not Node's: `skip` and `onMasked` are given it, and its `ip` and
 * `originalUrl` are believed.
 * @param errorOf What the app threw, where its framework keeps it until it answers and hands it to nobody.
 */
export function intercept(
  request: IncomingMessage,
  response: ServerResponse,
  intermission: Intermission,
  own: object = request,
  errorOf?: () => unknown,
): void {
  if ((response as Intercepted)[interceptionKey] !== undefined || response.headersSent) return;
  (response as Intercepted)[interceptionKey] = {
    phase: "watching",
    intermission,
    request,
    own,
    originals: catchCalls(response),
    error: undefined,
    errorOf,
    hold: undefined,
    given: [],
    dropped: 0,
    body: undefined,
  };
}

/** Keeps what the app threw for `onMasked`, where a framework hands it over before it answers. */
export function rememberError(response: ServerResponse, error: unknown): void {
  const interception = (response as Intercepted)[interceptionKey];
  if (interception !== undefined) interception.error = error;
}

/** Lets the response be sent as it is, by whom it was not the app. */
export function giveBack(response: ServerResponse): void {
  const interception = (response as Intercepted)[interceptionKey];
  if (interception?.phase === "watching") interception.phase = "passing";
}

/**
 * Answers for an app that threw without answering. True: the page took the error's place, and the error is to be logged
 * by the caller, since nobody else will see it. False: the error is the app's, and so is the answer.
 */
export async function answerThrown(response: ServerResponse, error: unknown): Promise<boolean> {
  const interception = (response as Intercepted)[interceptionKey];
  if (interception?.phase !== "watching" || response.headersSent || response.destroyed) return false;
  const { intermission, request, own } = interception;
  interception.error = error;
  const failed = new FailedResponse(request, response, 500, [], own, error);
  const replacement = await intermission.replacementFor(failed);
  // The app may have answered while the verdict was on its way.
  if (replacement === undefined || !isUntouched(interception, response)) return false;
  if (!takeOver(response, interception, replacement, [])) return false;
  drop(response, interception, "end", []);
  return true;
}

function isUntouched(interception: Interception, response: ServerResponse): boolean {
  return interception.phase === "watching" && !response.headersSent;
}

function handle(
  response: ServerResponse,
  originals: Originals,
  method: SendingMethod,
  parameters: readonly unknown[],
): unknown {
  const interception = (response as Intercepted)[interceptionKey];
  // Not watched; or caught on a class below the one on which this response is watched.
  if (interception?.originals !== originals) return Reflect.apply(originals[method], response, parameters);
  // Node throws, and has done nothing.
  if (isRefused(method, parameters)) return Reflect.apply(originals[method], response, parameters);
  const isHeader = method === "writeHead";
  // As Node does first: who wrapped it on this response (sessions, compression) is asked before the verdict.
  if (isUntouched(interception, response) && !isHeader && Object.hasOwn(response, "writeHead")) {
    if (method === "end") announceLength(response, parameters);
    response.writeHead(response.statusCode);
  }
  if (interception.phase === "watching") {
    const status = isHeader ? Number(parameters[0]) : response.statusCode;
    if (response.headersSent) interception.phase = "passing";
    else if (isServerError(status))
      begin(response, interception, status, isHeader ? headersGiven(parameters) : []);
  }
  return perform(response, interception, method, parameters);
}

/** What Node would refuse: an app that catches that goes on with its answer. */
function isRefused(method: SendingMethod, parameters: readonly unknown[]): boolean {
  const [first] = parameters;
  switch (method) {
    case "write":
      return typeof first !== "string" && !(first instanceof Uint8Array);
    case "end":
      return isChunk(first) && typeof first !== "string" && !(first instanceof Uint8Array);
    case "writeHead":
      return !headersGiven(parameters).every(isSendable);
    default:
      return false;
  }
}

/** Node takes whatever is falsy for no chunk at all. */
function isChunk(value: unknown): boolean {
  return typeof value !== "function" && Boolean(value);
}

function isSendable([name, value]: GivenHeaders[number]): boolean {
  try {
    validateHeaderName(name);
    for (const one of Array.isArray(value) ? value : [value]) validateHeaderValue(name, String(one));
    return true;
  } catch {
    return false;
  }
}

/** What `end` tells its own header, which is made before it here. */
function announceLength(response: ServerResponse, [chunk, encoding]: readonly unknown[]): void {
  const internal = response as { _contentLength?: unknown };
  if (internal._contentLength !== null) return;
  const text = isChunk(chunk) ? (chunk as string | Uint8Array) : "";
  internal._contentLength = Buffer.byteLength(
    text,
    typeof encoding === "string" ? (encoding as BufferEncoding) : undefined,
  );
}

/** Takes the verdict on a server error and goes over to the phase that follows from it. */
function begin(
  response: ServerResponse,
  interception: Interception,
  status: number,
  given: GivenHeaders,
): void {
  const { intermission, request, own } = interception;
  interception.error ??= interception.errorOf?.();
  const failed = new FailedResponse(request, response, status, given, own, interception.error);
  const replacement = intermission.replacementFor(failed);
  if (!(replacement instanceof Promise)) {
    settle(response, interception, replacement, given);
    return;
  }
  interception.phase = "held";
  interception.given = given;
  const giveUp = (): void => {
    letGo(response, interception, undefined);
  };
  interception.hold = interception.originals.isNative ? holdNatively(request, response, giveUp) : undefined;
  interception.hold ??= copyCalls(response, request.httpVersionMajor);
  void replacement.then((late) => {
    letGo(response, interception, late);
  });
}

function settle(
  response: ServerResponse,
  interception: Interception,
  replacement: Replacement | undefined,
  given: GivenHeaders,
): void {
  if (replacement === undefined) interception.phase = "passing";
  else takeOver(response, interception, replacement, given);
}

/** False: the page could not be sent, and nothing was: the response is the app's again. */
function takeOver(
  response: ServerResponse,
  interception: Interception,
  replacement: Replacement,
  given: GivenHeaders,
): boolean {
  // What sends the page comes back through `writeHead`.
  interception.phase = "passing";
  const body = sendHeader(response, interception, replacement, given);
  if (body === undefined) return false;
  interception.body = body;
  interception.phase = "replaced";
  return true;
}

/** Does what the app asked for, as the phase has it. */
function perform(
  response: ServerResponse,
  interception: Interception,
  method: SendingMethod,
  parameters: readonly unknown[],
): unknown {
  switch (interception.phase) {
    case "held":
      return performHeld(response, interception, method, parameters);
    case "replaced":
      return drop(response, interception, method, parameters);
    default:
      return Reflect.apply(interception.originals[method], response, parameters);
  }
}

/** More than an error page ever has. Bytes. */
const mostHeld = 64 * 1024;

function performHeld(
  response: ServerResponse,
  interception: Interception,
  method: SendingMethod,
  parameters: readonly unknown[],
): unknown {
  const hold = interception.hold as CopyHold | NativeHold;
  if ("calls" in hold) {
    const result = hold.keep(method, parameters);
    if (hold.size > mostHeld) letGo(response, interception, undefined);
    return result;
  }
  const status = method === "writeHead" ? Number(parameters[0]) : response.statusCode;
  // What was to be its header may have been refused, and the app have changed its mind.
  if (!response.headersSent && !isServerError(status)) letGo(response, interception, undefined);
  const result = Reflect.apply(interception.originals[method], response, parameters);
  interception.given = method === "writeHead" ? headersGiven(parameters) : interception.given;
  if (hold.size > mostHeld) letGo(response, interception, undefined);
  return result;
}

/** Ends the waiting for a verdict. undefined: the response goes on as the app meant it. */
function letGo(
  response: ServerResponse,
  interception: Interception,
  replacement: Replacement | undefined,
): void {
  const { hold, intermission } = interception;
  if (interception.phase !== "held" || hold === undefined) return;
  interception.hold = undefined;
  interception.phase = "passing";
  if ("calls" in hold) {
    repeat(response, interception, hold, replacement);
    return;
  }
  if (replacement !== undefined) {
    try {
      hold.replace(replacement, interception.given);
      interception.phase = "replaced";
      replacement.sent();
      return;
    } catch (error) {
      warnOfPage(intermission, error);
    }
  }
  hold.release();
}

/** Does what the app asked for while its calls were kept. */
function repeat(
  response: ServerResponse,
  interception: Interception,
  hold: CopyHold,
  replacement: Replacement | undefined,
): void {
  hold.release();
  settle(response, interception, replacement, interception.given);
  if (interception.phase === "passing") hold.restoreStatus();
  try {
    for (const [method, parameters] of hold.calls) perform(response, interception, method, parameters);
  } catch (error) {
    // A header that Node refuses. The app can't be told any more; the visitor still gets an answer.
    interception.intermission.warn({
      code: "page-failed",
      message: `A held response could not be sent as the app meant it (${reasonOf(error)})`,
      error,
    });
    if (response.headersSent) response.destroy();
    else Reflect.apply(interception.originals.end, response, []);
  }
}

/** The app's own body is dropped, and the page's is sent; but its callbacks are called and its end is the end. */
function drop(
  response: ServerResponse,
  interception: Interception,
  method: SendingMethod,
  parameters: readonly unknown[],
): unknown {
  // Node says so.
  if (response.writableEnded) return Reflect.apply(interception.originals[method], response, parameters);
  switch (method) {
    case "write":
      sendBody(response, interception);
      return dropWrite(response, interception, parameters);
    case "flushHeaders":
      sendBody(response, interception);
      return response;
    case "end":
      sendEnd(response, interception, parameters);
      return response;
    default:
      return response;
  }
}

/** Says at the high-water mark that enough is waiting, and soon after that it has drained: so who writes can stop. */
function dropWrite(
  response: ServerResponse,
  interception: Interception,
  parameters: readonly unknown[],
): boolean {
  const callback = parameters.find((parameter): parameter is Callback => typeof parameter === "function");
  if (callback !== undefined) process.nextTick(callback);
  const [chunk] = parameters;
  interception.dropped += typeof chunk === "string" || chunk instanceof Uint8Array ? chunk.length : 0;
  if (interception.dropped < response.writableHighWaterMark) return true;
  interception.dropped = 0;
  setImmediate(() => response.emit("drain"));
  return false;
}

function sendBody(response: ServerResponse, interception: Interception): void {
  const { originals, body } = interception;
  if (body === undefined) return;
  interception.body = undefined;
  if (body.byteLength === 0 || waitsForTurn(response)) Reflect.apply(originals.flushHeaders, response, []);
  if (body.byteLength > 0) Reflect.apply(originals.write, response, [body]);
}

/** @param parameters Of the app's own `end`, whose overload is kept: who wrapped it may know no other. */
function sendEnd(response: ServerResponse, interception: Interception, parameters: readonly unknown[]): void {
  const { originals, body = nothing } = interception;
  const hasChunk = parameters.length > 0 && typeof parameters[0] !== "function";
  const rest = hasChunk ? parameters.slice(1) : parameters;
  const isBare =
    body.byteLength === 0 && (!hasChunk || parameters[0] === undefined || parameters[0] === null);
  const isSent = interception.body === undefined;
  interception.body = undefined;
  // HTTP/2's own `end` hands its body to `write`.
  interception.phase = "passing";
  try {
    if (!isSent && body.byteLength > 0 && waitsForTurn(response))
      Reflect.apply(originals.flushHeaders, response, []);
    Reflect.apply(originals.end, response, isBare ? parameters : [body, ...rest]);
  } finally {
    interception.phase = "replaced";
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
