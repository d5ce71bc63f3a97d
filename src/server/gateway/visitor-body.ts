import type { IncomingMessage } from "node:http";
import { createBacklog, type Backlog } from "./backlog.ts";
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
  /** Most bodies are a single short piece, which needs no backlog. */
  let only: Buffer | undefined;
  let backlog: Backlog | undefined;

  function takeOnly(): Buffer | undefined {
    const piece = only;
    only = undefined;
    storage.memory -= piece?.byteLength ?? 0;
    return piece;
  }

  function openBacklog(): Backlog {
    if (backlog !== undefined) return backlog;
    backlog = createBacklog({
      storage,
      limits: bodyLimits,
      deliver: (piece) => target?.write(piece) ?? false,
      emptied: () => {
        if (isWhole) target?.end();
      },
      room: () => request.resume(),
      failed,
    });
    const first = takeOnly();
    if (first !== undefined) backlog.add(first);
    return backlog;
  }

  request.on("data", (piece: Buffer) => {
    if (discarded) return;
    const isFirst = total === 0;
    total += piece.byteLength;
    if (total > maximumBody) {
      discard();
      tooLarge();
    } else if (
      isFirst &&
      backlog === undefined &&
      total <= shortBody &&
      storage.memory < storage.maximumMemory
    ) {
      only = piece;
      storage.memory += piece.byteLength;
    } else if (!openBacklog().add(piece)) {
      request.pause();
      isReady();
    }
  });
  request.on("end", () => {
    if (discarded) return;
    isWhole = true;
    isReady();
    if (target !== undefined && openBacklog().size() === 0) target.end();
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
    takeOnly();
    backlog?.discard();
    request.resume();
  }

  return {
    length: () => (isWhole ? total : undefined),
    collect(called) {
      ready = called;
    },
    sendTo(call) {
      if (isWhole && backlog === undefined) {
        call.end(takeOnly());
        return;
      }
      target = call;
      openBacklog().go();
    },
    go() {
      backlog?.go();
    },
    discard,
  };
}
