import type { Clock } from "../../core/ports.ts";
import { withTimeLimit } from "../../core/time-limit.ts";

/** A separate connection that is notified of changes. */
export interface Subscription {
  /** Rejects if it fails. */
  readonly subscribed: Promise<unknown>;
  /** Drops the connection, whatever its state. Can be repeated. */
  end(): void;
}

/**
 * Opens a subscription that does not reconnect by itself.
 *
 * @param heard Called with the app whose record was written.
 * @param lost Called when nothing more will be heard; maybe twice.
 */
export type Subscribe = (heard: (app: string) => void, lost: () => void) => Subscription;

/** One subscription for all watched apps. */
export interface Subscriber {
  /**
   * Rejects if the first subscription fails. If one is lost later, it reconnects for as long as it takes,
   * then calls `changed`, because a change may have been missed.
   */
  watch(app: string, changed: () => void): Promise<() => Promise<void>>;
  close(): void;
}

/** Milliseconds for connecting and subscribing. */
const subscribeLimit = 3000;
const shortestPause = 500;
const longestPause = 30_000;

export function createSubscriber(subscribe: () => Promise<Subscribe>, clock: Clock): Subscriber {
  const watching = new Map<string, Set<() => void>>();
  let subscription: Subscription | undefined;
  let opening: Promise<void> | undefined;
  let cancelRetry: (() => void) | undefined;
  let failures = 0;

  function open(ref: boolean): Promise<void> {
    opening ??= openNow(ref).finally(() => (opening = undefined));
    return opening;
  }

  async function openNow(ref: boolean): Promise<void> {
    const begin = await subscribe();
    const attempt = { lost: false };
    const opened = begin(tell, () => {
      attempt.lost = true;
      if (subscription !== opened) return;
      subscription = undefined;
      opened.end();
      retryLater();
    });
    try {
      await withTimeLimit(clock, subscribeLimit, opened.subscribed, { ref });
      if (attempt.lost) throw new Error("the connection was lost at once");
    } catch (error) {
      opened.end();
      throw error;
    }
    if (watching.size === 0) {
      opened.end();
      return;
    }
    subscription = opened;
    failures = 0;
  }

  function retryLater(): void {
    if (watching.size === 0) return;
    const pause = Math.min(longestPause, shortestPause * 2 ** Math.min(failures, 10));
    failures++;
    cancelRetry = clock.after(pause * (0.5 + 0.5 * clock.random()), () => {
      cancelRetry = undefined;
      open(false).then(() => {
        for (const app of watching.keys()) tell(app);
      }, retryLater);
    });
  }

  function tell(app: string): void {
    for (const changed of [...(watching.get(app) ?? [])]) changed();
  }

  function stop(app: string, notify: () => void): void {
    const callbacks = watching.get(app);
    callbacks?.delete(notify);
    if (callbacks?.size === 0) watching.delete(app);
    if (watching.size === 0) close();
  }

  function close(): void {
    watching.clear();
    cancelRetry?.();
    cancelRetry = undefined;
    const opened = subscription;
    subscription = undefined;
    opened?.end();
  }

  return {
    async watch(app, changed) {
      // A new function, so that the same callback can watch twice.
      const notify = (): void => {
        changed();
      };
      watching.set(app, (watching.get(app) ?? new Set()).add(notify));
      try {
        if (subscription === undefined && cancelRetry === undefined) await open(true);
      } catch (error) {
        stop(app, notify);
        throw error;
      }
      return async () => {
        stop(app, notify);
      };
    },
    close,
  };
}
