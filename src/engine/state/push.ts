import type { Store } from "../../core/ports.ts";

export interface PushOptions {
  readonly store: Store;
  readonly app: string;
  /** Called when the record may have changed. */
  readonly onChanged: () => void;
  /** Told when the push can't be had, for now. Must not throw. */
  readonly onFailure: (error: unknown) => void;
}

/** The push of a store, as far as it has one. */
export interface Push {
  /** Begins to listen, unless it does already. */
  start(): void;
  /** For good. Never rejects. */
  stop(): Promise<void>;
}

export function createPush({ store, app, onChanged, onFailure }: PushOptions): Push {
  let listening: "off" | "starting" | (() => Promise<void>) = "off";
  let stopped = false;

  async function end(): Promise<void> {
    if (typeof listening !== "function") return;
    const stop = listening;
    listening = "off";
    try {
      await stop();
    } catch {
      // The connection is being given up anyway.
    }
  }

  return {
    start() {
      if (store.watch === undefined || listening !== "off") return;
      listening = "starting";
      store.watch(app, onChanged).then(
        (stop) => {
          listening = stop;
          if (stopped) void end();
        },
        (error: unknown) => {
          listening = "off";
          if (!stopped) onFailure(error);
        },
      );
    },
    stop() {
      stopped = true;
      return end();
    },
  };
}
