import type { IncomingMessage, ServerResponse } from "node:http";
import { reasonOf } from "../../core/errors.ts";
import type { GateFacts, GateOutcome, Intermission, RehearsalFacts } from "../../core/intermission.ts";
import { pageStatus } from "../../core/decide.ts";
import { admissionHeaders, bypassLink, type BypassLink, receivedPath, rehearsalHeader } from "../headers.ts";
import { addressOf, setPageHeader, targetOf, pageRequestOf, makeReady } from "./header.ts";
import { giveBack, intercept } from "./intercept.ts";

/**
 * Judges a request before the app sees it, and goes on to the app unless the page is the answer. Call it
 * while {@link Intermission.gated} is true and nothing was sent.
 *
 * @param proceed Called at most once, and not if the visitor has left meanwhile. Its errors are thrown on.
 * @param frameworkRequest As for `intercept`.
 * @param instead Called in place of `proceed`, before anything is sent.
 */
export function gate(
  request: IncomingMessage,
  response: ServerResponse,
  intermission: Intermission,
  proceed: () => void,
  {
    frameworkRequest = request,
    instead,
  }: { readonly frameworkRequest?: object; readonly instead?: () => void } = {},
): void {
  const link = bypassLink(request.method, targetOf(request, frameworkRequest));
  const outcome = intermission.gate(new NodeGateFacts(request, response, frameworkRequest, link?.token));
  const settle = (known: GateOutcome | undefined): void => {
    if (known === undefined) {
      proceed();
      return;
    }
    instead?.();
    answer(request, response, intermission, known, link);
  };
  if (!(outcome instanceof Promise)) {
    settle(outcome);
    return;
  }
  void outcome.then((late) => {
    // Outside the promise, so that an error of the app stays an uncaught exception.
    process.nextTick(() => {
      if (response.destroyed) instead?.();
      else settle(late);
    });
  });
}

/**
 * The address is computed on demand: frameworks work it out each time, and most sites exempt nobody by it. A
 * class, because a getter in an object literal gives each object its own shape: 10 µs a request.
 */
class NodeGateFacts implements GateFacts {
  readonly path: string;
  readonly cookie: string | undefined;
  readonly link: string | undefined;
  readonly request: object;
  readonly rehearsal: RehearsalFacts | undefined;
  readonly #message: IncomingMessage;

  constructor(
    message: IncomingMessage,
    response: ServerResponse,
    frameworkRequest: object,
    link: string | undefined,
  ) {
    this.path = receivedPath(targetOf(message, frameworkRequest));
    this.cookie = message.headers.cookie;
    this.link = link;
    this.request = frameworkRequest;
    const token = message.headers[rehearsalHeader];
    this.rehearsal =
      typeof token === "string" ? { token, pageRequest: pageRequestOf(message, response, []) } : undefined;
    this.#message = message;
  }

  get address(): string | undefined {
    return addressOf(this.#message, this.request);
  }
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  intermission: Intermission,
  outcome: GateOutcome,
  link: BypassLink | undefined,
): void {
  giveBack(response);
  try {
    if (outcome === "admitted" && link !== undefined) {
      // Not chained: Restify's `writeHead` returns nothing.
      response.writeHead(302, admissionHeaders(link, intermission.settings.app, hostOf(request)));
      response.end();
      return;
    }
    const page =
      typeof outcome === "object"
        ? outcome
        : intermission.page(pageRequestOf(request, response, []), "closed");
    response.writeHead(page.status, setPageHeader(request, response, page, [], intermission.settings));
    if (request.method === "HEAD") response.end();
    else response.end(makeReady(page).body);
  } catch (error) {
    intermission.warn({
      code: "page-failed",
      message: `The page could not be sent, so the visitor gets a bare status (${reasonOf(error)})`,
      error,
    });
    if (response.headersSent) {
      response.destroy();
      return;
    }
    response.statusCode = pageStatus(intermission.settings.statusCode, "closed", undefined);
    response.end();
  }
}

function hostOf({ headers }: IncomingMessage): string | undefined {
  const { host = headers[":authority"] } = headers;
  return typeof host === "string" ? host : undefined;
}

/** Express middleware. */
export type Middleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/** Watches every answer of later handlers; while the site is closed, `next` is not called. */
export function createMiddleware(intermission: Intermission): Middleware {
  return function maintenancePage(request, response, next) {
    if (intermission.gated) {
      gate(request, response, intermission, () => {
        intercept(request, response, intermission);
        next();
      });
      return;
    }
    intercept(request, response, intermission);
    next();
  };
}
