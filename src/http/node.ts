import type { IncomingMessage, OutgoingHttpHeader, ServerResponse } from "node:http";
import { isServerError, type Facts, type Verdict } from "../core/decide.ts";
import { reasonOf } from "../core/errors.ts";
import type { Intermission } from "../core/intermission.ts";
import { addVary, bodyHeaders, pathOf } from "./headers.ts";

/*
 * A response is watched through the four methods by which its header can begin to be sent. Whatever calls them (a
 * framework after a throw, an error handler, a stream), the first of them meets a response that is complete but for its
 * body, and of which nothing was sent. There the verdict is taken.
 *
 * Taking over in `writeHead` alone would not do: `end(body)` calls it from the inside, and then goes on to write the
 * app's body behind the page.
 */

type Method = "writeHead" | "write" | "end" | "flushHeaders";
type ResponseMethod = (this: ServerResponse, ...parameters: unknown[]) => unknown;
type Callback = (error?: Error | null) => void;
type GivenHeaders = readonly (readonly [name: string, value: OutgoingHttpHeader])[];

/**
 * `watching`: nothing was sent. `passing`: the app has the response back. `held`: a server error waits for its verdict.
 * `replaced`: the page was sent; what the app still writes is dropped.
 */
type Phase = "watching" | "passing" | "held" | "replaced";

interface Interception {
  phase: Phase;
  readonly intermission: Intermission;
  readonly request: IncomingMessage;
  /** The methods as they were, of the response itself or of whoever wrapped them before. */
  readonly writeHead: ResponseMethod;
  readonly write: ResponseMethod;
  readonly end: ResponseMethod;
  readonly flushHeaders: ResponseMethod;
  error: unknown;
  hold: Hold | undefined;
}

interface Hold {
  readonly status: number;
  readonly statusMessage: string;
  readonly calls: (readonly [method: Method, parameters: readonly unknown[]])[];
  bytes: number;
  ended: boolean;
}

/** More than an error page ever has; a held response is let go as regular when it gets larger. */
const maximumHeldBytes = 64 * 1024;

/** Registered globally: a response is watched once, though `auto` and an adapter, or two copies of us, meet in a process. */
const interceptionKey = Symbol.for("intermission.interception");

type Intercepted = ServerResponse & { [interceptionKey]?: Interception };

/**
 * Lets an intermission judge a response before anything of it is sent. A success costs a comparison; bodies are never
 * buffered, but for an error that waits for its verdict (64 KiB, `readTimeout`). For HTTP/1.1 and the compatibility API
 * of HTTP/2.
 */
export function intercept(
  request: IncomingMessage,
  response: ServerResponse,
  intermission: Intermission,
): void {
  const intercepted = response as Intercepted;
  if (intercepted[interceptionKey] !== undefined || response.headersSent) return;
  const methods = response as unknown as Record<Method, ResponseMethod>;
  intercepted[interceptionKey] = {
    phase: "watching",
    intermission,
    request,
    writeHead: methods.writeHead,
    write: methods.write,
    end: methods.end,
    flushHeaders: methods.flushHeaders,
    error: undefined,
    hold: undefined,
  };
  methods.writeHead = writeHead;
  methods.write = write;
  methods.end = end;
  methods.flushHeaders = flushHeaders;
}

/** Keeps what the app threw for `onMasked`, where a framework hands it over before it answers. */
export function rememberError(response: ServerResponse, error: unknown): void {
  const interception = (response as Intercepted)[interceptionKey];
  if (interception !== undefined) interception.error = error;
}

/**
 * Answers for an app that threw without answering. True: the page took the error's place, and the error is to be logged
 * by the caller, since nobody else will see it. False: the error is the app's, and so is the answer.
 */
export async function answerThrown(response: ServerResponse, error: unknown): Promise<boolean> {
  const interception = (response as Intercepted)[interceptionKey];
  if (interception?.phase !== "watching" || response.headersSent || response.destroyed) return false;
  interception.error = error;
  const verdict = await interception.intermission.judge(factsOf(response, interception, 500, []));
  // The app may have answered while the verdict was on its way.
  if (verdict.verdict === "regular" || !isUntouched(interception, response)) return false;
  return sendPage(response, interception, verdict, 500, []) && finish(response, interception);
}

function isUntouched(interception: Interception, response: ServerResponse): boolean {
  return interception.phase === "watching" && !response.headersSent;
}

function writeHead(this: Intercepted, ...parameters: unknown[]): unknown {
  const interception = this[interceptionKey] as Interception;
  switch (interception.phase) {
    case "watching": {
      const status = Number(parameters[0]);
      if (!isServerError(status)) interception.phase = "passing";
      else begin(this, interception, status, headersGiven(parameters));
      break;
    }
    case "passing":
      break;
    // A second header would be an error; in `held`, layers that ask for the private `_header` try it in good faith.
    case "held":
    case "replaced":
      return this;
  }
  return carryOut(this, interception, "writeHead", parameters);
}

function write(this: Intercepted, ...parameters: unknown[]): unknown {
  const interception = this[interceptionKey] as Interception;
  if (interception.phase === "watching") beginUnlessSuccess(this, interception);
  return carryOut(this, interception, "write", parameters);
}

function end(this: Intercepted, ...parameters: unknown[]): unknown {
  const interception = this[interceptionKey] as Interception;
  if (interception.phase === "watching") beginUnlessSuccess(this, interception);
  return carryOut(this, interception, "end", parameters);
}

function flushHeaders(this: Intercepted, ...parameters: unknown[]): unknown {
  const interception = this[interceptionKey] as Interception;
  if (interception.phase === "watching") beginUnlessSuccess(this, interception);
  return carryOut(this, interception, "flushHeaders", parameters);
}

function beginUnlessSuccess(response: Intercepted, interception: Interception): void {
  if (isServerError(response.statusCode) && !response.headersSent) {
    begin(response, interception, response.statusCode, []);
  } else {
    interception.phase = "passing";
  }
}

/** Takes the verdict on a server error and goes over to the phase that follows from it. */
function begin(
  response: Intercepted,
  interception: Interception,
  status: number,
  given: GivenHeaders,
): void {
  const { intermission } = interception;
  const verdict = intermission.judge(factsOf(response, interception, status, given));
  if (!(verdict instanceof Promise)) {
    settle(response, interception, verdict, status, given);
    return;
  }
  interception.phase = "held";
  interception.hold = { status, statusMessage: response.statusMessage, calls: [], bytes: 0, ended: false };
  // What layers above ask before they go on: to them, the header is out.
  Object.defineProperty(response, "headersSent", { configurable: true, get: () => true });
  void verdict.then((late) => {
    if (interception.phase !== "held") return;
    const hold = letGo(response, interception);
    settle(response, interception, late, status, given);
    replay(response, interception, hold);
  });
}

function settle(
  response: Intercepted,
  interception: Interception,
  verdict: Verdict,
  status: number,
  given: GivenHeaders,
): void {
  const replaced =
    verdict.verdict === "maintenance" && sendPage(response, interception, verdict, status, given);
  interception.phase = replaced ? "replaced" : "passing";
}

/** What the app asked for, done as the phase has it. */
function carryOut(
  response: Intercepted,
  interception: Interception,
  method: Method,
  parameters: readonly unknown[],
): unknown {
  switch (interception.phase) {
    case "held":
      return hold(response, interception, method, parameters);
    case "replaced":
      return drop(response, interception, method, parameters);
    default:
      return Reflect.apply(interception[method], response, parameters);
  }
}

function hold(
  response: Intercepted,
  interception: Interception,
  method: Method,
  parameters: readonly unknown[],
): unknown {
  const held = interception.hold as Hold;
  if (held.ended) return method === "write" ? false : response;
  held.calls.push([method, parameters]);
  held.bytes += byteLength(parameters[0]);
  if (method === "end") {
    held.ended = true;
    Object.defineProperty(response, "writableEnded", { configurable: true, get: () => true });
  }
  if (held.bytes > maximumHeldBytes) {
    letGo(response, interception);
    interception.phase = "passing";
    replay(response, interception, held);
  }
  return method === "write" ? true : response;
}

function letGo(response: Intercepted, interception: Interception): Hold {
  const held = interception.hold as Hold;
  interception.hold = undefined;
  Reflect.deleteProperty(response, "headersSent");
  Reflect.deleteProperty(response, "writableEnded");
  return held;
}

function replay(response: Intercepted, interception: Interception, held: Hold): void {
  if (interception.phase === "passing") {
    response.statusCode = held.status;
    if (isHttp1(interception)) response.statusMessage = held.statusMessage;
  }
  try {
    for (const [method, parameters] of held.calls) carryOut(response, interception, method, parameters);
  } catch (error) {
    // A header that Node refuses. The app can't be told any more; the visitor still gets an answer.
    interception.intermission.warn({
      code: "page-failed",
      message: `A held response could not be sent as the app meant it (${reasonOf(error)})`,
      error,
    });
    if (response.headersSent) response.destroy();
    else Reflect.apply(interception.end, response, []);
  }
}

/** The page has been sent: the app's own body is dropped, but its callbacks are called and its end is the end. */
function drop(
  response: Intercepted,
  interception: Interception,
  method: Method,
  parameters: readonly unknown[],
): unknown {
  const callback = parameters.find((parameter): parameter is Callback => typeof parameter === "function");
  switch (method) {
    case "write":
      if (callback !== undefined) process.nextTick(callback);
      return true;
    case "end":
      Reflect.apply(interception.end, response, callback === undefined ? [] : [callback]);
      return response;
    default:
      return response;
  }
}

function finish(response: Intercepted, interception: Interception): true {
  interception.phase = "replaced";
  drop(response, interception, "end", []);
  return true;
}

/** False: it could not be sent, and nothing was: the response is the app's again. */
function sendPage(
  response: Intercepted,
  interception: Interception,
  { reason }: Verdict,
  status: number,
  given: GivenHeaders,
): boolean {
  const { intermission, request, error } = interception;
  // The methods below come back through `writeHead`.
  interception.phase = "passing";
  try {
    const page = intermission.page({
      method: request.method ?? "GET",
      accept: request.headers.accept,
      acceptLanguage: request.headers["accept-language"],
      fetchDestination: textOf(request.headers["sec-fetch-dest"]),
      requestedWith: textOf(request.headers["x-requested-with"]),
      failedContentType: headerOf(response, given, "content-type"),
    });
    const vary = headerOf(response, given, "vary");
    for (const [name, value] of given) response.setHeader(name, value);
    for (const name of bodyHeaders) response.removeHeader(name);
    for (const name in page.headers) response.setHeader(name, page.headers[name] ?? "");
    if (page.headers["vary"] !== undefined) response.setHeader("vary", addVary(vary, page.headers["vary"]));
    response.setHeader("content-length", page.body.byteLength);
    response.statusCode = page.status;
    // HTTP/2 has no reason phrase, and warns of attempts to set one.
    if (isHttp1(interception)) response.statusMessage = "";

    // The page is complete with its Content-Length; the end is left to the app, so that its callbacks and `finish` come
    // when it has written all, as ever.
    if (request.method === "HEAD" || page.body.byteLength === 0) {
      Reflect.apply(interception.flushHeaders, response, []);
    } else {
      Reflect.apply(interception.write, response, [page.body]);
    }
  } catch (failure) {
    intermission.warn({
      code: "page-failed",
      message: `The page could not be sent (${reasonOf(failure)}); the error stays regular`,
      error: failure,
    });
    return response.headersSent;
  }
  intermission.masked({
    ...(error === undefined ? {} : { error }),
    status,
    method: request.method ?? "GET",
    path: targetPath(request),
    reason,
    request,
  });
  return true;
}

function factsOf(
  response: Intercepted,
  { request, intermission }: Interception,
  status: number,
  given: GivenHeaders,
): Facts {
  return {
    status,
    path: targetPath(request),
    contentType: headerOf(response, given, "content-type"),
    retryAfter: headerOf(response, given, "retry-after") !== undefined,
    skipped: request.headers.upgrade?.toLowerCase() === "websocket" || intermission.skips(request),
  };
}

/** Express and others shorten `url` inside of mounted routers, and keep the whole in `originalUrl`. */
function targetPath(request: IncomingMessage & { readonly originalUrl?: unknown }): string {
  return pathOf(typeof request.originalUrl === "string" ? request.originalUrl : request.url);
}

/** The headers given to `writeHead`: an object, a flat list of names and values, or a list of pairs. */
function headersGiven(parameters: readonly unknown[]): GivenHeaders {
  const headers = typeof parameters[1] === "string" ? parameters[2] : (parameters[1] ?? parameters[2]);
  if (typeof headers !== "object" || headers === null) return [];
  if (!Array.isArray(headers)) {
    return Object.entries(headers as Record<string, OutgoingHttpHeader | undefined>).filter(
      (entry): entry is [string, OutgoingHttpHeader] => entry[1] !== undefined,
    );
  }
  if (headers.every((entry) => Array.isArray(entry))) return joinPairs(headers as [string, OutgoingHttpHeader][]);
  const pairs: [string, OutgoingHttpHeader][] = [];
  for (let index = 0; index + 1 < headers.length; index += 2) {
    pairs.push([String(headers[index]), headers[index + 1] as OutgoingHttpHeader]);
  }
  return joinPairs(pairs);
}

/** A name may stand several times in a list, as `set-cookie` does; `setHeader` would keep the last alone. */
function joinPairs(pairs: readonly (readonly [string, OutgoingHttpHeader])[]): GivenHeaders {
  const joined = new Map<string, OutgoingHttpHeader>();
  for (const [name, value] of pairs) {
    const key = name.toLowerCase();
    const before = joined.get(key);
    joined.set(key, before === undefined ? value : [before, value].flat().map(String));
  }
  return [...joined];
}

function headerOf(response: Intercepted, given: GivenHeaders, name: string): string | undefined {
  const here = given.find(([key]) => key.toLowerCase() === name);
  return textOf(here === undefined ? response.getHeader(name) : here[1]);
}

function textOf(value: OutgoingHttpHeader | undefined): string | undefined {
  return Array.isArray(value) ? value.join(", ") : value?.toString();
}

function isHttp1({ request }: Interception): boolean {
  return request.httpVersionMajor < 2;
}

function byteLength(chunk: unknown): number {
  if (typeof chunk === "string") return Buffer.byteLength(chunk);
  return chunk instanceof Uint8Array ? chunk.byteLength : 0;
}
