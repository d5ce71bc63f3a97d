import type { IncomingMessage, ServerResponse } from "node:http";
import type { Dispatcher } from "undici";
import type { Context } from "./context.ts";
import { toTrailers, type ResponseHead } from "./response-head.ts";

type Controller = Dispatcher.DispatchController;

/** Brings an answer from an upstream to the visitor, no faster than the visitor takes it. */
export interface Relay {
  /** The upstream broke off while it was held. */
  readonly isBroken: boolean;
  /** An interim answer (1xx). */
  inform(status: number, raw: readonly (Buffer | string)[]): void;
  /** Nothing of the answer is read until {@link pass} or {@link drop}. */
  hold(controller: Controller): void;
  pass(controller: Controller, head: ResponseHead): void;
  /** The visitor got something else, so that what comes is read and thrown away. */
  drop(controller: Controller): void;
  data(controller: Controller, chunk: Buffer): void;
  end(trailers: readonly (Buffer | string)[]): void;
  /** The upstream broke off. True: the answer had begun, and that is all that there is to do. */
  failed(): boolean;
}

/** A dropped answer that is longer than this costs the upstream its connection. Bytes. */
const longestDropped = 65_536;

/** Up to here it is cheaper to copy a body than to write it apart. Bytes. */
const shortBody = 16_384;

export function createRelay(
  request: IncomingMessage,
  response: ServerResponse,
  { counts, flusher }: Pick<Context, "counts" | "flusher">,
): Relay {
  let phase: "waiting" | "held" | "passing" | "dropping" = "waiting";
  let dropped = 0;
  let broken = false;
  /** Of an answer that ended while it was held: one without a body can't be kept from it. */
  let ended: readonly (Buffer | string)[] | undefined;
  let isFlushed = false;

  function end(trailers: readonly (Buffer | string)[]): void {
    isFlushed = true;
    if (trailers.length > 0) addTrailers(trailers);
    response.end();
  }

  function write(chunk: Buffer, isFirst: boolean): boolean {
    // As text of one byte a character, Node joins it to the head: one plain write costs the half of one of two buffers.
    if (isFirst && chunk.byteLength <= shortBody) return response.write(chunk.toString("latin1"), "latin1");
    return response.write(chunk);
  }

  function addTrailers(trailers: readonly (Buffer | string)[]): void {
    try {
      response.addTrailers(toTrailers(trailers));
    } catch {
      // Node refuses some values. The body is whole, and ends as it should.
    }
  }

  return {
    get isBroken() {
      return broken;
    },
    inform(status, raw) {
      if (status !== 103 || response.headersSent || request.httpVersion === "1.0") return;
      const link = toTrailers(raw)
        .filter(([name]) => name.toLowerCase() === "link")
        .map(([, value]) => value);
      try {
        if (link.length > 0) response.writeEarlyHints({ link });
      } catch {
        // Hints that Node does not take for any. The answer is still to come.
      }
    },
    hold(controller) {
      phase = "held";
      controller.pause();
    },
    pass(controller, { status, message, headers }) {
      const wasHeld = phase === "held";
      try {
        response.writeHead(status, message, headers as string[]);
      } catch {
        // It has a header that Node won't write; visitors can't be given what is left.
        response.destroy();
        controller.abort(new Error("the answer can't be passed on"));
        return;
      }
      phase = "passing";
      counts.passed += 1;
      if (ended !== undefined) {
        end(ended);
        return;
      }
      flusher.add(response, () => isFlushed);
      if (wasHeld) controller.resume();
    },
    drop(controller) {
      const wasHeld = phase === "held";
      phase = "dropping";
      if (wasHeld) controller.resume();
    },
    data(controller, chunk) {
      if (phase === "passing") {
        const isFirst = !isFlushed;
        isFlushed = true;
        if (!write(chunk, isFirst)) {
          controller.pause();
          response.once("drain", () => {
            controller.resume();
          });
        }
        return;
      }
      dropped += chunk.byteLength;
      if (dropped > longestDropped) controller.abort(new Error("the rest of the answer is not wanted"));
    },
    end(trailers) {
      if (phase === "passing") end(trailers);
      else ended = trailers;
    },
    failed() {
      if (phase === "waiting") return false;
      broken = true;
      // Cut off, so that nobody takes a part for the whole.
      if (phase === "passing") response.destroy();
      return true;
    },
  };
}
