import type { IncomingMessage, ServerResponse } from "node:http";
import { isServerError } from "../../core/decide.ts";
import { reasonOf } from "../../core/errors.ts";
import type { Intermission, Replacement } from "../../core/intermission.ts";
import { FailedResponse, passedHeaders, type PassedHeaders } from "./header.ts";
import { copyCalls, type CopyHold, holdNatively, type NativeHold } from "./hold.ts";
import { announceLength, createCatcher, isRefused, type Originals, type SendingMethod } from "./methods.ts";
import { drop, sendHeader, warnOfPage, type MaskedResponse } from "./page.ts";

/*
 * A response is watched through the four methods by which its header can begin to be sent. Whatever calls them (a
 * framework after a throw, an error handler, a stream), the first of them meets a response that is complete but for its
 * body, and of which nothing was sent. There the verdict is taken.
 *
 * Taking over in `writeHead` alone would not do: `end(body)` calls it from the inside, and then goes on to write the
 * app's body behind the page.
 */

interface Interception extends MaskedResponse {
  /** The framework's own request, or Node's. */
  readonly frameworkRequest: object;
  error: unknown;
  readonly errorOf: (() => unknown) | undefined;
  hold: CopyHold | NativeHold | undefined;
  /** What the page's header is to be made of beside the response's own. */
  passed: PassedHeaders;
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
 * @param frameworkRequest The framework's own request, where it is not Node's: `skip` and `onMasked` are given it, and its `ip` and
 * `originalUrl` are believed.
 * @param errorOf What the app threw, where its framework keeps it until it answers and hands it to nobody.
 */
export function intercept(
  request: IncomingMessage,
  response: ServerResponse,
  intermission: Intermission,
  frameworkRequest: object = request,
  errorOf?: () => unknown,
): void {
  if ((response as Intercepted)[interceptionKey] !== undefined || response.headersSent) return;
  (response as Intercepted)[interceptionKey] = {
    phase: "watching",
    intermission,
    request,
    frameworkRequest,
    originals: catchCalls(response),
    error: undefined,
    errorOf,
    hold: undefined,
    passed: [],
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
  const { intermission, request, frameworkRequest } = interception;
  interception.error = error;
  const failed = new FailedResponse(request, response, 500, [], frameworkRequest, error);
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
      begin(response, interception, status, isHeader ? passedHeaders(parameters) : []);
  }
  return perform(response, interception, method, parameters);
}

/** Takes the verdict on a server error and goes over to the phase that follows from it. */
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

/** False: the page could not be sent, and nothing was: the response is the app's again. */
function takeOver(
  response: ServerResponse,
  interception: Interception,
  replacement: Replacement,
  passed: PassedHeaders,
): boolean {
  // What sends the page comes back through `writeHead`.
  interception.phase = "passing";
  const body = sendHeader(response, interception, replacement, passed);
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
  interception.passed = method === "writeHead" ? passedHeaders(parameters) : interception.passed;
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

/** Does what the app asked for while its calls were kept. */
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
