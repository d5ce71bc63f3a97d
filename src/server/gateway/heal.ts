import type { IncomingMessage } from "node:http";
import type { Clock } from "../../core/ports.ts";
import { currentRelease } from "../../core/state/state.ts";
import type { Call, CallHandlers } from "./call.ts";
import type { Context } from "./context.ts";
import type { Upstream } from "./upstreams.ts";

/** How long a visitor waits for a better answer than the page. Milliseconds. */
const healWithin = 2000;

/** An upstream that runs the current release, other than the one that failed. */
export function currentOf(
  { intermission, upstreams }: Pick<Context, "intermission" | "upstreams">,
  failed: Upstream | undefined,
): Upstream | undefined {
  const state = intermission.known?.state;
  const current = state && currentRelease(state)?.id;
  return current === undefined ? undefined : upstreams.running(current, failed === undefined ? [] : [failed]);
}

export interface AskOnceOptions {
  readonly clock: Clock;
  readonly open: (handlers: CallHandlers) => Call | undefined;
  /** Passes the answer on. False: it is no better, and nothing of it was passed on. */
  readonly accept: (answer: IncomingMessage, call: Call) => boolean;
  /** The answer had begun when it broke off: the visitor has seen part of it. */
  readonly hasBegun: () => boolean;
  /** The upstream is finished. */
  readonly ended: () => void;
  /** There is no better answer. Called at most once. */
  readonly otherwise: () => void;
}

/** Asks for an answer to replace an error, and does not wait long for it. */
export function askOnce({ clock, open, accept, hasBegun, ended, otherwise }: AskOnceOptions): void {
  let isSettled = false;
  const cancel = clock.after(healWithin, giveUp);
  const asked = open({
    sent: () => {},
    writable: () => {},
    informed: () => {},
    answered(answer) {
      cancel();
      if (asked !== undefined && accept(answer, asked)) isSettled = true;
      else giveUp();
    },
    upgraded(_, socket) {
      socket.destroy();
      giveUp();
    },
    failed() {
      ended();
      if (!hasBegun()) giveUp();
    },
  });
  if (asked === undefined) giveUp();

  function giveUp(): void {
    if (isSettled) return;
    isSettled = true;
    cancel();
    asked?.abort();
    ended();
    otherwise();
  }
}
