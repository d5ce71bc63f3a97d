import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Replacement } from "../../core/intermission.ts";
import { currentRelease } from "../../core/state/state.ts";
import { call as ask, type Call, type CallHandlers } from "./call.ts";
import type { Context } from "./context.ts";
import { sendFailure, statusOf, type FailureKind } from "./failure.ts";
import { releaseFor, replacementFor, sendPage, type ServerError } from "./judgement.ts";
import { createRelay, type Relay } from "./relay.ts";
import { toFraming } from "./request-head.ts";
import { toResponseHead, type ResponseHead } from "./response-head.ts";
import { createTunnel } from "./tunnel.ts";
import type { Upstream } from "./upstreams.ts";
import { createVisitorBody } from "./visitor-body.ts";
import { inform } from "./visitor-response.ts";
import { toVisit, type Visitor } from "./visitor.ts";

/** Without a body, so that nothing of them is spent, and harmless twice: RFC 9110 section 9.2.2. */
const repeatable: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "TRACE"]);

/** How long a visitor waits for a better answer than the page. Milliseconds. */
const healWithin = 2000;

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
  const mayRepeat = !visitor.hasBody && upgrade === undefined && repeatable.has(method);
  const until = clock.now() + context.hold;
  let tried: Upstream[] = [];
  let isRepeated = false;
  let isGone = false;
  /** Of several, the one that is under way. */
  let call: Call | undefined;
  /** Gives up what is waited for, or gives back the place at an upstream. */
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

  // It was answered before all of it was here: nobody waits for the rest.
  if (body !== undefined) response.once("finish", body.discard);
  response.once("close", () => {
    if (response.writableFinished) return;
    isGone = true;
    stop();
    relay.discard();
    body?.discard();
  });
  if (body === undefined) {
    attempt("refused");
  } else if (Number(request.headers["content-length"]) > context.maximumBody) {
    refuse("large");
  } else if (context.buffersRequests) {
    askForBody();
    body.collect(() => {
      attempt("refused");
    });
  } else {
    attempt("refused");
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

  /** @param failure What is answered when there is no upstream left. */
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
    // The last of several: any of them is as good to judge by.
    if (leave === undefined) fail(failure, tried.at(-1));
    else counts.held += 1;
  }

  /** It is not the app's error, so that nobody judges it. */
  function refuse(kind: FailureKind): void {
    if (isGone) return;
    counts.failures[kind] += 1;
    body?.discard();
    sendFailure(visitor, kind, toVisit(visitor, undefined));
  }

  /** Nobody answered: the page or a short error of our own. */
  function fail(kind: FailureKind, upstream: Upstream | undefined): void {
    counts.failures[kind] += 1;
    body?.discard();
    const failed = upstream ?? upstreams.all[0];
    const error: ServerError = {
      status: statusOf(kind),
      headers: [],
      release: releaseFor(failed, intermission),
    };
    settle(replacementFor(visitor, error, context), (replacement) => {
      if (isGone) return;
      mask(replacement, error, failed, () => {
        sendFailure(visitor, kind, toVisit(visitor, undefined));
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
        // Nobody is asked for a body before there is somebody to take it.
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
    const options = {
      method,
      path: target.path,
      headers: [
        ...visitor.headers,
        ...(upgrade === undefined ? [] : ["Connection", "Upgrade", "Upgrade", "websocket"]),
        ...toFraming(request, visitor.hasBody, body?.length),
      ],
      hasBody: body !== undefined,
      connectTimeout: context.connectTimeout,
      timeout: context.timeout,
      idleTimeout: context.answerIdleTimeout,
    };
    return ask(upstream, options, handlers);
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
        // It may last for hours, and would keep a place from all others: visitors' connections bound these.
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
    const error = { status: head.status, headers: head.headers, release: releaseFor(upstream, intermission) };
    const replacement = replacementFor(visitor, error, context);
    relay.hold(answer, current);
    settle(replacement, (settled) => {
      if (isGone) return;
      if (settled !== undefined) body?.discard();
      const failing = relay;
      mask(settled, error, upstream, () => {
        if (failing.isBroken) fail("broken", upstream);
        else pass();
      });
      if (settled !== undefined) failing.drop(answer, current);
    });
  }

  function join(upstream: Upstream, answer: IncomingMessage, socket: Socket, head: Buffer): void {
    if (upgrade === undefined || isGone) {
      socket.destroy();
      // An upgrade that nobody asked for.
      if (!isGone) fail("broken", upstream);
      return;
    }
    counts.tunnels += 1;
    visitor.record.isUpgraded = true;
    if (head.byteLength > 0) socket.unshift(head);
    createTunnel({
      visitor: upgrade.socket,
      response,
      upstream: socket,
      head: headOf(upstream, answer),
      idleTimeout: context.idleTimeout,
    });
    upgrade.opened();
  }

  /**
   * Asks an upstream that runs the current release, once, for what an old one could not answer.
   *
   * @param otherwise It has no better answer.
   * @returns whether there is one to ask.
   */
  function heal({ reason }: Replacement, failed: Upstream | undefined, otherwise: () => void): boolean {
    const state = intermission.known?.state;
    const current = state && currentRelease(state)?.id;
    const mayHeal = context.heals && mayRepeat && (method === "GET" || method === "HEAD");
    if (!mayHeal || reason !== "release-mismatch" || current === undefined) return false;
    const upstream = upstreams.running(current, failed === undefined ? [] : [failed]);
    if (upstream?.places.take() !== true) return false;
    stop();
    leave = upstream.places.give;
    relay = newRelay();
    let isSettled = false;
    const cancel = clock.after(healWithin, () => {
      stop();
      giveUp();
    });
    const giveUp = (): void => {
      cancel();
      givePlaceBack();
      if (!isSettled) otherwise();
      isSettled = true;
    };
    const asked = open(upstream, {
      sent: () => {},
      writable: () => {},
      informed: () => {},
      answered(answer) {
        cancel();
        const head = headOf(upstream, answer);
        if (isGone || head.status >= 500 || asked === undefined || !relay.pass(answer, asked, head)) {
          asked?.abort();
          giveUp();
          return;
        }
        isSettled = true;
        counts.healed += 1;
        visitor.record.upstream = upstream;
        visitor.record.healed = true;
      },
      upgraded(_, socket) {
        socket.destroy();
        giveUp();
      },
      failed() {
        givePlaceBack();
        if (!relay.failed()) giveUp();
      },
    });
    call = asked;
    if (asked === undefined) giveUp();
    return true;
  }

  /** A rejection that nobody handles would end the process. */
  function settle(
    replacement: Replacement | undefined | Promise<Replacement | undefined>,
    go: (replacement: Replacement | undefined) => void,
  ): void {
    if (replacement instanceof Promise) replacement.then(go).catch(() => response.destroy());
    else go(replacement);
  }
}
