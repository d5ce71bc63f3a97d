import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Replacement } from "../../core/intermission.ts";
import { call as ask, type Call, type CallHandlers } from "./call.ts";
import type { Context } from "./context.ts";
import { sendFailure, statusOf, type FailureKind } from "./failure.ts";
import { askOnce, currentOf } from "./heal.ts";
import { replacementFor, sendPage, settle, toServerError, type ServerError } from "./judgement.ts";
import { createRelay, type Relay } from "./relay.ts";
import { toResponseHead, type ResponseHead } from "./response-head.ts";
import { createTunnel } from "./tunnel.ts";
import { isRepeatable, toCallOptions } from "./upstream-request.ts";
import type { Upstream } from "./upstreams.ts";
import { createVisitorBody } from "./visitor-body.ts";
import { inform } from "./visitor-response.ts";
import { toPageRequest, type Visitor } from "./visitor.ts";

/**
 * The life of one request. It tries one upstream after another until a connection opens, or waits. Once a
 * byte was written, it stays with that upstream and is never sent again, with one exception: a repeatable
 * request whose connection broke before the answer began is sent once more. The answer is judged by its head,
 * before the visitor has seen any of it.
 */
export function exchange(visitor: Visitor, context: Context): void {
  const { request, response, upgrade } = visitor;
  const { upstreams, room, counts, clock, intermission } = context;
  const mayRepeat = isRepeatable(visitor);
  const until = clock.now() + context.hold;
  let tried: Upstream[] = [];
  let isRepeated = false;
  let isGone = false;
  /** The current one of several. */
  let call: Call | undefined;
  /** Stops waiting, or gives back the place at an upstream. */
  let leave: (() => void) | undefined;
  let relay = newRelay();
  const body = visitor.hasBody
    ? createVisitorBody({
        request,
        context,
        tooLarge: () => {
          stop();
          if (response.headersSent) response.destroy();
          else refuse("large");
        },
        failed: () => {
          stop();
          response.destroy();
        },
      })
    : undefined;

  if (body !== undefined) response.once("finish", body.discard);
  response.on("close", () => {
    if (response.writableFinished) return;
    isGone = true;
    stop();
    relay.discard();
    body?.discard();
  });
  if (Number(request.headers["content-length"]) > context.maximumBody) {
    refuse("large");
  } else if (body === undefined || !context.buffersRequests) {
    attempt("refused");
  } else {
    askForBody();
    body.collect(() => {
      attempt("refused");
    });
  }

  function newRelay(): Relay {
    return createRelay({ visitor, context, received: givePlaceBack });
  }

  function askForBody(): void {
    if (body !== undefined && request.headers.expect !== undefined) response.writeContinue();
  }

  function givePlaceBack(): void {
    const given = leave;
    leave = undefined;
    given?.();
  }

  function stop(): void {
    call?.abort();
    givePlaceBack();
  }

  /** @param failure The answer if no upstream is left. */
  function attempt(failure: FailureKind): void {
    if (isGone) return;
    const upstream = upstreams.next(tried);
    if (upstream === undefined) {
      waitOrFail(failure);
      return;
    }
    tried.push(upstream);
    const { places } = upstream;
    if (places.take()) {
      leave = places.give;
      send(upstream);
      return;
    }
    leave = places.wait((taken) => {
      leave = taken ? places.give : undefined;
      if (taken) send(upstream);
      else refuse("busy");
    });
    if (leave === undefined) refuse("busy");
  }

  function waitOrFail(failure: FailureKind): void {
    leave = room.enter(until, (isReachable) => {
      leave = undefined;
      tried = [];
      if (isReachable) attempt(failure);
      else fail(failure, undefined);
    });
    // Of several upstreams, the last: any is as good to judge by.
    if (leave === undefined) fail(failure, tried.at(-1));
    else counts.held += 1;
  }

  /** Not the app's error, so nobody judges it. */
  function refuse(kind: FailureKind): void {
    if (isGone) return;
    counts.failures[kind] += 1;
    body?.discard();
    sendFailure(visitor, kind, toPageRequest(visitor, undefined));
  }

  /** Nobody answered: the page, or a short error of our own. */
  function fail(kind: FailureKind, upstream: Upstream | undefined): void {
    counts.failures[kind] += 1;
    body?.discard();
    const failed = upstream ?? upstreams.all[0];
    const error = toServerError(statusOf(kind), [], failed, intermission);
    settle(response, replacementFor(visitor, error, context), (replacement) => {
      if (isGone) return;
      mask(replacement, error, failed, () => {
        sendFailure(visitor, kind, toPageRequest(visitor, undefined));
      });
    });
  }

  /** @param otherwise The error stays regular. */
  function mask(
    replacement: Replacement | undefined,
    error: ServerError,
    failed: Upstream | undefined,
    otherwise: () => void,
  ): void {
    if (replacement === undefined) {
      otherwise();
      return;
    }
    const sendIt = (): void => {
      if (!isGone && !sendPage(visitor, error, replacement, context)) otherwise();
    };
    if (!heal(replacement, failed, sendIt)) sendIt();
  }

  function send(upstream: Upstream): void {
    let isSent = false;
    visitor.record.upstream = upstream;
    call = open(upstream, {
      sent() {
        isSent = true;
        if (body === undefined || call === undefined) return;
        // Ask for a body only when somebody can take it.
        if (!context.buffersRequests) askForBody();
        body.sendTo(call);
      },
      writable: () => body?.go(),
      informed(status, raw) {
        inform(request, response, status, raw);
      },
      answered(answer) {
        take(upstream, answer);
      },
      upgraded(answer, socket, head) {
        givePlaceBack();
        join(upstream, answer, socket, head);
      },
      failed(kind) {
        givePlaceBack();
        if (isGone || relay.failed()) return;
        if (!isSent) {
          upstream.refused();
          attempt(kind);
        } else if (kind === "broken" && mayRepeat && !isRepeated) {
          isRepeated = true;
          counts.repeated += 1;
          tried = [];
          attempt(kind);
        } else {
          fail(kind, upstream);
        }
      },
    });
    if (call !== undefined) return;
    givePlaceBack();
    refuse("invalid");
  }

  function open(upstream: Upstream, handlers: CallHandlers): Call | undefined {
    return ask(upstream, toCallOptions(visitor, context, body?.length()), handlers);
  }

  function headOf(
    upstream: Upstream,
    { statusCode = 502, statusMessage = "", rawHeaders }: IncomingMessage,
  ): ResponseHead {
    const head = toResponseHead(statusCode, statusMessage, rawHeaders, request, context.head);
    upstream.answered(head.release);
    return head;
  }

  function take(upstream: Upstream, answer: IncomingMessage): void {
    const current = call;
    if (current === undefined) return;
    const head = headOf(upstream, answer);
    const pass = (): void => {
      if (relay.pass(answer, current, head)) {
        // It may last for hours and would block a place; visitors' connections limit these instead.
        if (head.isEventStream) givePlaceBack();
        return;
      }
      current.abort();
      givePlaceBack();
      fail("broken", upstream);
    };
    if (head.status < 500) {
      pass();
      return;
    }
    const error = toServerError(head.status, head.headers, upstream, intermission);
    const replacement = replacementFor(visitor, error, context);
    relay.hold(answer, current);
    settle(response, replacement, (settled) => {
      if (isGone) return;
      if (settled !== undefined) body?.discard();
      const failing = relay;
      mask(settled, error, upstream, () => {
        if (failing.isBroken()) fail("broken", upstream);
        else pass();
      });
      if (settled !== undefined) failing.drop(answer, current);
    });
  }

  function join(upstream: Upstream, answer: IncomingMessage, socket: Socket, first: Buffer): void {
    if (upgrade === undefined || isGone) {
      socket.destroy();
      // An upgrade that nobody asked for.
      if (!isGone) fail("broken", upstream);
      return;
    }
    counts.tunnels += 1;
    visitor.record.isUpgraded = true;
    const { idleTimeout } = context;
    const head = headOf(upstream, answer);
    createTunnel({ visitor: upgrade.socket, response, upstream: socket, first, head, idleTimeout });
    upgrade.opened();
  }

  /**
   * @param otherwise There is no better answer.
   * @returns whether there is an upstream to ask for one.
   */
  function heal({ reason }: Replacement, failed: Upstream | undefined, otherwise: () => void): boolean {
    const mayHeal = context.heals && mayRepeat && /^(?:GET|HEAD)$/.test(request.method ?? "");
    const upstream = mayHeal && reason === "release-mismatch" ? currentOf(context, failed) : undefined;
    if (upstream?.places.take() !== true) return false;
    stop();
    leave = upstream.places.give;
    relay = newRelay();
    askOnce({
      clock,
      open: (handlers) => (call = open(upstream, handlers)),
      accept(answer, asked) {
        const head = headOf(upstream, answer);
        if (isGone || head.status >= 500 || !relay.pass(answer, asked, head)) return false;
        counts.healed += 1;
        visitor.record.upstream = upstream;
        visitor.record.healed = true;
        return true;
      },
      hasBegun: () => relay.failed(),
      ended: givePlaceBack,
      otherwise,
    });
    return true;
  }
}
