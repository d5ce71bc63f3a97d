import type { ServerResponse } from "node:http";
import type { Dispatcher } from "undici";
import type { Replacement } from "../../core/intermission.ts";
import type { Context } from "./context.ts";
import { sendFailure, statusOf, toFailure, type FailureKind } from "./failure.ts";
import { releaseFor, replacementFor, sendPage, type ServerError } from "./judgement.ts";
import { hasBody } from "./request-head.ts";
import { createRelay } from "./relay.ts";
import { toResponseHead } from "./response-head.ts";
import { createTunnel } from "./tunnel.ts";
import type { Upstream } from "./upstreams.ts";
import { toVisit, type Visitor } from "./visitor.ts";

/** Without a body, so that nothing of them is spent, and harmless twice: RFC 9110 section 9.2.2. */
const repeatable: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);

/**
 * The way of one request. It goes to one upstream after the other until a connection can be opened; if none can, it may
 * wait. Once a byte of it was written it is with that upstream, and is never sent again: but for a request that may be
 * repeated, once, when the connection broke before the answer began. The answer is judged by its head, before the
 * visitor has seen anything of it.
 */
export function exchange(visitor: Visitor, context: Context): void {
  const { request, response, target, upgrade } = visitor;
  const { upstreams, room, counts, clock, intermission } = context;
  const method = request.method ?? "GET";
  const body = hasBody(request) ? request : null;
  const mayRepeat = body === null && upgrade === undefined && repeatable.has(method);
  const until = clock.now() + context.hold;
  let tried: Upstream[] = [];
  let repeated = false;
  let gone = false;
  /** Ends what is under way when the visitor has gone. */
  let abandon: (() => void) | undefined;

  response.once("close", () => {
    if (response.writableFinished) return;
    gone = true;
    abandon?.();
  });
  attempt("refused");

  /** @param failure What is answered when there is no upstream left. */
  function attempt(failure: FailureKind): void {
    if (gone) return;
    const upstream = upstreams.next(tried);
    if (upstream === undefined) {
      waitOrFail(failure);
      return;
    }
    tried.push(upstream);
    const options: Dispatcher.DispatchOptions = {
      path: target.path,
      method,
      headers: visitor.headers as string[],
      body,
      ...(upgrade === undefined ? {} : { upgrade: "websocket" }),
    };
    upstream.pool.dispatch(options, createHandler(upstream));
  }

  function waitOrFail(failure: FailureKind): void {
    const leave = room.enter(until, (reachable) => {
      abandon = undefined;
      tried = [];
      if (reachable) attempt(failure);
      else fail(failure, undefined);
    });
    if (leave === undefined) {
      // The last of several: any of them is as good to judge by.
      fail(failure, tried.at(-1));
      return;
    }
    counts.held += 1;
    abandon = leave;
  }

  /** Nobody answered: the page or a short error of our own. */
  function fail(kind: FailureKind, upstream: Upstream | undefined): void {
    counts.failures[kind] += 1;
    const error: ServerError = {
      status: statusOf(kind),
      headers: [],
      release: releaseFor(upstream ?? upstreams.all[0], intermission),
    };
    settle(response, replacementFor(visitor, error, context), (replacement) => {
      if (gone) return;
      if (replacement !== undefined && sendPage(visitor, error, replacement, context)) return;
      sendFailure(request, response, kind, toVisit(visitor, undefined));
    });
  }

  function createHandler(upstream: Upstream): Dispatcher.DispatchHandler {
    let sent = false;
    const relay = createRelay(request, response, context);

    return {
      onRequestStart(controller) {
        const end = (): void => {
          controller.abort(new Error("the visitor has gone"));
        };
        // It would be the second time: undici does so to requests behind a broken one, of which there are none here.
        if (gone || sent) end();
        sent = true;
        abandon = end;
        // Nobody is asked for a body before there is somebody to take it.
        if (body !== null && request.headers.expect !== undefined) response.writeContinue();
      },

      onResponseStart(controller, status, _, message = "") {
        if (status < 200) {
          relay.inform(status, controller.rawHeaders as Buffer[]);
          return;
        }
        const raw = controller.rawHeaders as Buffer[];
        const head = toResponseHead(status, message, raw, request, context.head);
        upstream.answered(head.release);
        if (status < 500) {
          relay.pass(controller, head);
          return;
        }
        const error = { status, headers: head.headers, release: releaseFor(upstream, intermission) };
        const replacement = replacementFor(visitor, error, context);
        if (replacement instanceof Promise) relay.hold(controller);
        settle(response, replacement, (settled) => {
          if (gone) return;
          if (settled !== undefined && sendPage(visitor, error, settled, context)) {
            relay.drop(controller);
          } else if (relay.isBroken) {
            fail("broken", upstream);
          } else {
            relay.pass(controller, head);
          }
        });
      },

      onResponseData(controller, chunk) {
        relay.data(controller, chunk);
      },

      onResponseEnd(controller) {
        relay.end((controller.rawTrailers ?? []) as Buffer[]);
      },

      onRequestUpgrade(controller, _status, _headers, socket) {
        if (upgrade === undefined || gone) {
          socket.destroy();
          return;
        }
        counts.tunnels += 1;
        const raw = controller.rawHeaders as Buffer[];
        const head = toResponseHead(101, "Switching Protocols", raw, request, context.head);
        upstream.answered(head.release);
        createTunnel({
          visitor: upgrade.socket,
          response,
          upstream: socket,
          head,
          idleTimeout: context.idleTimeout,
        });
        upgrade.opened();
      },

      onResponseError(_, error) {
        if (gone || relay.failed()) return;
        const kind = toFailure(error, sent);
        if (kind === "invalid") {
          fail(kind, upstream);
        } else if (!sent) {
          upstream.refused();
          attempt(kind);
        } else if (kind === "broken" && mayRepeat && !repeated) {
          repeated = true;
          counts.repeated += 1;
          tried = [];
          attempt(kind);
        } else {
          fail(kind, upstream);
        }
      },
    };
  }
}

/** @param response Cut off should its answer fail: a rejection that nobody handles would end the process. */
function settle(
  response: ServerResponse,
  replacement: Replacement | undefined | Promise<Replacement | undefined>,
  go: (replacement: Replacement | undefined) => void,
): void {
  if (replacement instanceof Promise) replacement.then(go).catch(() => response.destroy());
  else go(replacement);
}
