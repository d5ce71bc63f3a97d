import type { IncomingMessage } from "node:http";
import { createBacklog, type Backlog } from "./backlog.ts";
import type { Call } from "./call.ts";
import type { Context } from "./context.ts";
import { shortBody, writeJoined } from "./joined-write.ts";
import type { ResponseHead } from "./response-head.ts";
import type { Visitor } from "./visitor.ts";
import { addTrailers, cutOff, limitSilence, writeHead } from "./visitor-response.ts";

/**
 * Brings an answer to the visitor. It is read from the upstream as fast as it comes, so that a slow visitor
 * does not occupy the upstream: the backlog keeps what the visitor does not take, and only if that is full
 * does the upstream wait.
 */
export interface Relay {
  /** Keeps what arrives until {@link pass} or {@link drop}. */
  hold(answer: IncomingMessage, call: Call): void;
  /** @returns whether its head could be sent. If not, nothing was. */
  pass(answer: IncomingMessage, call: Call, head: ResponseHead): boolean;
  /** The visitor gets something else: discards what arrives. */
  drop(answer: IncomingMessage, call: Call): void;
  /** The upstream broke off. True: the answer had begun or is held, and nothing more needs to be done. */
  failed(): boolean;
  /** The upstream broke off while the answer was held. */
  isBroken(): boolean;
  /** The visitor has left. */
  discard(): void;
}

/** A longer dropped answer costs the upstream its connection. Bytes. */
const longestDropped = 65_536;

export interface RelayOptions {
  readonly visitor: Visitor;
  readonly context: Pick<
    Context,
    "counts" | "flusher" | "storage" | "answerLimits" | "sendTimeout" | "silence"
  >;
  /** All of the answer has arrived: the upstream is free again. */
  readonly received: () => void;
}

export function createRelay({ visitor, context, received }: RelayOptions): Relay {
  const { request, response, record } = visitor;
  const { counts, flusher, storage, answerLimits, sendTimeout, silence } = context;
  let phase: "waiting" | "held" | "passing" | "dropping" = "waiting";
  let isBroken = false;
  let hasEnded = false;
  let isFlushed = false;
  let hasLength = false;
  let backlog: Backlog | undefined;
  let blocked = false;
  let trailers: readonly string[] = [];
  let end = (): void => {};

  function send(piece: Buffer): boolean {
    record.bytes += piece.byteLength;
    const isJoined = !isFlushed && piece.byteLength <= shortBody && request.httpVersionMajor === 1;
    isFlushed = true;
    const hasRoom = isJoined ? writeJoined(response, piece) : response.write(piece);
    if (!hasRoom) block();
    return hasRoom;
  }

  /** The visitor takes nothing for now; limits for how long. */
  function block(): void {
    blocked = true;
    limitSilence(request, response, sendTimeout);
    response.once("drain", () => {
      blocked = false;
      limitSilence(request, response, silence);
      backlog?.go();
    });
  }

  function receive(answer: IncomingMessage, call: Call): void {
    let thrownAway = 0;
    let isPaused = false;
    const openBacklog = (): Backlog =>
      (backlog ??= createBacklog({
        storage,
        limits: answerLimits,
        deliver: send,
        emptied: () => {
          if (hasEnded) end();
        },
        room: () => {
          if (isPaused && !hasEnded) call.resume(answer);
          isPaused = false;
        },
        failed: () => {
          call.abort();
          cut();
        },
      }));
    answer.on("data", (piece: Buffer) => {
      if (phase === "dropping") {
        thrownAway += piece.byteLength;
        if (thrownAway > longestDropped) {
          call.abort();
          received();
        }
      } else if (phase === "held" || blocked || backlog !== undefined) {
        if (openBacklog().add(piece)) return;
        isPaused = true;
        call.pause(answer);
      } else {
        send(piece);
      }
    });
    answer.on("end", () => {
      received();
      if (phase === "dropping") return;
      hasEnded = true;
      trailers = answer.rawTrailers;
      // Node has been seen to end an incomplete answer; nobody may take a part for the whole.
      if (!answer.complete) isBroken = true;
      if (phase === "passing" && (backlog?.size() ?? 0) === 0) end();
    });
  }

  function finish(): void {
    if (isBroken) {
      cut();
      return;
    }
    isFlushed = true;
    backlog?.discard();
    if (trailers.length > 0) addTrailers(request, response, trailers);
    response.end();
  }

  function cut(): void {
    backlog?.discard();
    // Send a waiting head first: a visitor who gets nothing can't tell that something was cut off.
    if (response.headersSent && !isFlushed) response.flushHeaders();
    cutOff(request, response, hasLength);
  }

  return {
    isBroken: () => isBroken,
    hold(answer, call) {
      phase = "held";
      receive(answer, call);
    },
    pass(answer, call, head) {
      const wasHeld = phase === "held";
      if (!writeHead(visitor, head)) return false;
      phase = "passing";
      hasLength = head.hasLength;
      counts.passed += 1;
      end = finish;
      if (!wasHeld) receive(answer, call);
      else if (backlog !== undefined) backlog.go();
      else if (hasEnded) finish();
      flusher.add(response, () => isFlushed);
      return true;
    },
    drop(answer, call) {
      const wasHeld = phase === "held";
      phase = "dropping";
      backlog?.discard();
      if (!wasHeld) receive(answer, call);
      if (!hasEnded) call.resume(answer);
    },
    failed() {
      if (phase === "waiting") return false;
      isBroken = true;
      // Cut off, so that nobody takes a part for the whole.
      if (phase === "passing") cut();
      return true;
    },
    discard() {
      backlog?.discard();
    },
  };
}
