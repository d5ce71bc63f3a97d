import { deployBackIn } from "./deploy-estimate.ts";
import type { PageCause } from "../ports.ts";
import type { State } from "./state.ts";
import { longestMessage, modeAt } from "./manual.ts";

/** What a page says beyond its own words. */
export interface Notice {
  /** In place of the page's own words. */
  readonly message?: string | undefined;
  /** Whole seconds until the site is expected back; undefined: nobody said. At least 1. */
  readonly backIn?: number | undefined;
}

const nothing: Notice = Object.freeze({});

/**
 * What there is to say to visitors: in manual mode what the operator said; and when the site is back, by the operator,
 * else by the open deploy.
 *
 * @param now The store's time, in milliseconds since 1970.
 */
export function noticeOf(state: State | undefined, cause: PageCause, now: number): Notice {
  if (state === undefined) return nothing;
  const { message, backIn = deployBackIn(state, now) } = toldByOperator(state, cause, now);
  return message === undefined && backIn === undefined ? nothing : { message, backIn };
}

function toldByOperator(state: State, cause: PageCause, now: number): Notice {
  if (cause === "deploy" || state.manual === undefined || modeAt(state, now) === "auto") return nothing;
  const { message, backAt, until } = state.manual;
  // A site that shows errors alone is there until then; one that is closed is back at the end at the latest. A return
  // that is overdue is no news.
  const end = state.mode === "closed" ? until : undefined;
  const back = [backAt, end].find((time) => time !== undefined && time > now);
  return {
    message: message && cut(message),
    backIn: back === undefined ? undefined : Math.ceil((back - now) / 1000),
  };
}

/** A record that was written by hand may say more than the command lets anybody say. */
function cut(message: string): string {
  return message.length <= longestMessage ? message : Array.from(message).slice(0, longestMessage).join("");
}
