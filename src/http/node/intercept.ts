import type { IncomingMessage, ServerResponse } from "node:http";
import { isServerError } from "../../core/decide.ts";
import { reasonOf } from "../../core/errors.ts";
import type { Intermission, Replacement } from "../../core/intermission.ts";
import { FailedResponse, passedHeaders, type PassedHeaders } from "./header.ts";
import { copyCalls, type CopyHold, holdNatively, type NativeHold } from "./hold.ts";
import { announceLength, createCatcher, isRefused, type Originals, type SendingMethod } from "./methods.ts";
import { drop, sendHeader, warnOfPage, type MaskedResponse, type Watch } from "./page.ts";

/*
 * A response is watched through the four methods that can start sending its header. Whoever calls one (a
 * framework after a throw, an error handler, a stream), the first call finds a response that lacks only its
 * body, with nothing sent. The verdict is taken there.
 *
 * Intercepting `writeHead` alone is not enough: `end(body)` calls it internally and then writes the app's
 * body after the page.
 */

/** A response that has failed, or of which more is known. */
interface Interception extends MaskedResponse {
  readonly frameworkRequest: object;
  error: unknown;
  readonly errorOf: (() => unknown) | undefined;
  hold: CopyHold | NativeHold | undefined;
  /** Headers for the page in addition to the response's own. */
  passed: PassedHeaders;
}

// One property for everything: a WeakMap costs microseconds a response, and in Express each property does.
const interceptionKey = Symbol("intermission");

type Intercepted = ServerResponse & { [interceptionKey]?: Watch | Interception };

const catchCalls = createCatcher(handle);

// Nearly all responses of a process have the same.
let latest: Watch | undefined;

/**
 * Lets an intermission judge a response before any of it is sent. A success costs one comparison. Bodies are
 * not buffered, except while an error waits for its verdict (64 KiB, `readTimeout`). For HTTP/1.1 and the
 * compatibility API of HTTP/2. A response is watched only once, even if `auto` and an adapter meet in a
 * process.
 *
 * @param frameworkRequest The framework's own request, if it is not Node's. `skip` and `onMasked` get it, and
 * its `ip` and `originalUrl` are trusted.
 * @param errorOf What the app threw, if its framework keeps that until it answers and passes it to nobody.
 */
export function intercept(
  request: IncomingMessage,
  response: ServerResponse,
  intermission: Intermission,
  frameworkRequest: object = request,
  errorOf?: () => unknown,
): void {
  if ((response as Intercepted)[interceptionKey] !== undefined || response.headersSent) return;
  const originals = catchCalls(response);
  if (frameworkRequest !== request || errorOf !== undefined || response.req !== request) {
    const watch = { intermission, originals, request, frameworkRequest, errorOf };
    (response as Intercepted)[interceptionKey] = watch;
    return;
  }
  if (latest?.intermission !== intermission || latest.originals !== originals)
    latest = { intermission, originals, request: undefined, frameworkRequest: undefined, errorOf };
  (response as Intercepted)[interceptionKey] = latest;
}

function interceptionOf(response: ServerResponse, watch: Watch | Interception): Interception {
  if ("phase" in watch) return watch;
  const { intermission, originals, request = response.req, frameworkRequest = request, errorOf } = watch;
  // In one literal: errors come in storms, and a spread would take longer than everything else here.
  const interception: Interception = {
    phase: "watching",
    intermission,
    request,
    frameworkRequest,
    originals,
    error: undefined,
    errorOf,
    hold: undefined,
    passed: [],
    dropped: 0,
    body: undefined,
  };
  (response as Intercepted)[interceptionKey] = interception;
  return interception;
}

/** Keeps what the app threw for `onMasked`, if a framework passes it on before it answers. */
export function rememberError(response: ServerResponse, error: unknown): void {
  const watch = (response as Intercepted)[interceptionKey];
  if (watch !== undefined) interceptionOf(response, watch).error = error;
}

/** Stops watching, for answers that do not come from the app. */
export function giveBack(response: ServerResponse): void {
  const watch = (response as Intercepted)[interceptionKey];
  if (watch === undefined) return;
  const interception = interceptionOf(response, watch);
  if (interception.phase === "watching") interception.phase = "passing";
}

/**
 * Answers for an app that threw without answering. True: the page replaced the error, and the caller must log
 * it, since nobody else will see it. False: the error is the app's to answer.
 */
export async function answerThrown(response: ServerResponse, error: unknown): Promise<boolean> {
  const watch = (response as Intercepted)[interceptionKey];
  if (watch === undefined || response.headersSent || response.destroyed) return false;
  const interception = interceptionOf(response, watch);
  if (interception.phase !== "watching") return false;
  const { intermission, request, frameworkRequest } = interception;
  interception.error = error;
  const failed = new FailedResponse(request, response, 500, [], frameworkRequest, error);
  const replacement = await intermission.replacementFor(failed);
  // The app may have answered while the verdict was pending.
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
  const watch = (response as Intercepted)[interceptionKey];
  // Not watched, or caught on a base class of the one on which this response is watched.
  if (watch?.originals !== originals) return Reflect.apply(originals[method], response, parameters);
  // It began as a success.
  if (!("phase" in watch) && response.headersSent)
    return Reflect.apply(originals[method], response, parameters);
  const interception = interceptionOf(response, watch);
  // Let Node throw; nothing has been done.
  if (isRefused(method, parameters)) return Reflect.apply(originals[method], response, parameters);
  const isHeader = method === "writeHead";
  // Node does this first too: wrappers on this response (sessions, compression) run before the verdict.
  if (isUntouched(interception, response) && !isHeader && Object.hasOwn(response, "writeHead")) {
    if (method === "end") announceLength(response, parameters);
    response.writeHead(response.statusCode);
  }
  if (interception.phase === "watching") {
    const status = isHeader ? Number(parameters[0]) : response.statusCode;
    if (response.headersSent) interception.phase = "passing";
    else if (isServerError(status))
      begin(response, interception, status, isHeader ? passedHeaders(parameters) : []);
  }
  return perform(response, interception, method, parameters);
}

/** Takes the verdict on a server error and enters the phase that follows. */
function begin(
  response: ServerResponse,
  interception: Interception,
  status: number,
  passed: PassedHeaders,
): void {
  const { intermission, request, frameworkRequest } = interception;
  interception.error ??= interception.errorOf?.();
  const failed = new FailedResponse(request, response, status, passed, frameworkRequest, interception.error);
  const replacement = intermission.replacementFor(failed);
  if (!(replacement instanceof Promise)) {
    settle(response, interception, replacement, passed);
    return;
  }
  interception.phase = "held";
  interception.passed = passed;
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
  passed: PassedHeaders,
): void {
  if (replacement === undefined) interception.phase = "passing";
  else takeOver(response, interception, replacement, passed);
}

/** False: the page could not be sent, nothing was, and the response is the app's again. */
function takeOver(
  response: ServerResponse,
  interception: Interception,
  replacement: Replacement,
  passed: PassedHeaders,
): boolean {
  // Sending the page calls `writeHead` again.
  interception.phase = "passing";
  const body = sendHeader(response, interception, replacement, passed);
  if (body === undefined) return false;
  interception.body = body;
  interception.phase = "replaced";
  return true;
}

/** Does what the app asked for, depending on the phase. */
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

/** More than any error page. Bytes. */
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
    if (hold.size() > mostHeld) letGo(response, interception, undefined);
    return result;
  }
  const status = method === "writeHead" ? Number(parameters[0]) : response.statusCode;
  // The header may have been refused, and the app may have changed its mind.
  if (!response.headersSent && !isServerError(status)) letGo(response, interception, undefined);
  const result = Reflect.apply(interception.originals[method], response, parameters);
  interception.passed = method === "writeHead" ? passedHeaders(parameters) : interception.passed;
  if (hold.size() > mostHeld) letGo(response, interception, undefined);
  return result;
}

/** Ends the wait for a verdict. undefined: the response goes on as the app meant it. */
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
      hold.replace(replacement, interception.passed, interception.intermission.settings);
      interception.phase = "replaced";
      replacement.sent();
      return;
    } catch (error) {
      warnOfPage(intermission, error);
    }
  }
  hold.release();
}

/** Replays the calls that were kept. */
function repeat(
  response: ServerResponse,
  interception: Interception,
  hold: CopyHold,
  replacement: Replacement | undefined,
): void {
  hold.release();
  settle(response, interception, replacement, interception.passed);
  if (interception.phase === "passing") hold.restoreStatus();
  try {
    for (const [method, parameters] of hold.calls) perform(response, interception, method, parameters);
  } catch (error) {
    // Node refuses a header. It is too late to tell the app; the visitor still gets an answer.
    interception.intermission.warn({
      code: "page-failed",
      message: `A held response could not be sent as the app meant it (${reasonOf(error)})`,
      error,
    });
    if (response.headersSent) response.destroy();
    else Reflect.apply(interception.originals.end, response, []);
  }
}
