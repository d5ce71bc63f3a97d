import type { Clock } from "../../core/ports.ts";
import { withTimeLimit } from "../time-limit.ts";
import type { ListenClient } from "./client.ts";
import { channel, listen } from "./statements.ts";

/** One connection that listens for all apps that are watched. */
export interface Listener {
  /**
   * Rejects when the first connection can't be had. One that is lost later is made anew, for ever, and `changed` is
   * called then, since a change may have been missed.
   */
  watch(app: string, changed: () => void): Promise<() => Promise<void>>;
  close(): void;
}

/** Milliseconds for connecting and listening. */
const listenLimit = 3000;
const shortestPause = 500;
const longestPause = 30_000;

export function createListener(connect: () => Promise<ListenClient>, clock: Clock): Listener {
  const watching = new Map<string, Set<() => void>>();
  let connection: ListenClient | undefined;
  let connecting: Promise<void> | undefined;
  let cancelRetry: (() => void) | undefined;
  let failures = 0;

  function open(ref: boolean): Promise<void> {
    connecting ??= openNow(ref).finally(() => (connecting = undefined));
    return connecting;
  }

  async function openNow(ref: boolean): Promise<void> {
    const opened = await openListening(ref);
    if (watching.size === 0) {
      opened.end();
      return;
    }
    connection = opened;
    failures = 0;
    const lost = (): void => {
      if (connection !== opened) return;
      connection = undefined;
      opened.end();
      retryLater();
    };
    opened.client.on("error", lost);
    opened.client.on("end", lost);
    opened.client.unref?.();
  }

  async function openListening(ref: boolean): Promise<ListenClient> {
    const attempt: { opened?: ListenClient; givenUp: boolean } = { givenUp: false };
    const opening = (async () => {
      const opened = await connect();
      if (attempt.givenUp) {
        opened.end();
        throw new Error("the connection came too late");
      }
      attempt.opened = opened;
      opened.client.on("notification", (message) => {
        if (message.channel === channel && message.payload !== undefined) tell(message.payload);
      });
      await opened.client.query({ text: listen });
      return opened;
    })();
    try {
      return await withTimeLimit(clock, listenLimit, opening, { ref });
    } catch (error) {
      attempt.givenUp = true;
      attempt.opened?.end();
      throw error;
    }
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
    const opened = connection;
    connection = undefined;
    opened?.end();
  }

  return {
    async watch(app, changed) {
      // A function of its own, so that the same callback can watch twice.
      const notify = (): void => {
        changed();
      };
      watching.set(app, (watching.get(app) ?? new Set()).add(notify));
      try {
        if (connection === undefined && cancelRetry === undefined) await open(true);
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
