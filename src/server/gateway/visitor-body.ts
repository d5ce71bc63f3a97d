import type { IncomingMessage } from "node:http";
import { createBacklog } from "./backlog.ts";
import type { Call } from "./call.ts";
import type { Context } from "./context.ts";
import { shortBody } from "./joined-write.ts";

/** The body of a visitor's request, on its way to an upstream. */
export interface VisitorBody {
  /** Bytes, once all of it has arrived. Undefined: more may come. */
  length(): number | undefined;
  /** Calls back once: when all of it has arrived, or no more can be kept. */
  collect(ready: () => void): void;
  /** Sends what has arrived, and what follows. */
  sendTo(call: Call): void;
  /** The call that receives it has room. */
  go(): void;
  /** The rest of it is not needed. */
  discard(): void;
}

export interface VisitorBodyOptions {
  readonly request: IncomingMessage;
  readonly context: Pick<Context, "storage" | "bodyLimits" | "maximumBody">;
  /** It exceeds the limit. */
  readonly tooLarge: () => void;
  /** What was kept of it is lost. */
  readonly failed: () => void;
}

export function createVisitorBody({ request, context, tooLarge, failed }: VisitorBodyOptions): VisitorBody {
  const { storage, bodyLimits, maximumBody } = context;
  let total = 0;
  let isWhole = false;
  let discarded = false;
  let target: Call | undefined;
  let ready: (() => void) | undefined;

  const backlog = createBacklog({
    storage,
    limits: bodyLimits,
    deliver: (piece) => target?.write(piece) ?? false,
    emptied: () => {
      if (isWhole) target?.end();
    },
    room: () => request.resume(),
    failed,
  });

  request.on("data", (piece: Buffer) => {
    if (discarded) return;
    total += piece.byteLength;
    if (total > maximumBody) {
      discard();
      tooLarge();
      return;
    }
    if (!backlog.add(piece)) {
      request.pause();
      isReady();
    }
  });
  request.on("end", () => {
    if (discarded) return;
    isWhole = true;
    isReady();
    if (target !== undefined && backlog.size() === 0) target.end();
  });

  function isReady(): void {
    const call = ready;
    ready = undefined;
    call?.();
  }

  function discard(): void {
    if (discarded) return;
    discarded = true;
    target = undefined;
    backlog.discard();
    request.resume();
  }

  return {
    length: () => (isWhole ? total : undefined),
    collect(called) {
      ready = called;
    },
    sendTo(call) {
      const whole = isWhole && total <= shortBody ? backlog.take() : undefined;
      if (whole !== undefined) {
        call.end(whole);
        return;
      }
      target = call;
      backlog.go();
    },
    go() {
      backlog.go();
    },
    discard,
  };
}
