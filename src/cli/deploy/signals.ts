import process from "node:process";

/** What ends a foreground command: Ctrl-C, a cancelled pipeline, a closed terminal; Ctrl-Break on Windows. */
const stopping: readonly NodeJS.Signals[] = [
  ...(["SIGINT", "SIGTERM", "SIGHUP"] as const),
  ...(process.platform === "win32" ? (["SIGBREAK"] as const) : []),
];

export interface Signals {
  /** The first one received, if any. */
  readonly first: NodeJS.Signals | undefined;
  /** Resolves on the first. */
  readonly caught: Promise<void>;
  /** Forwards later signals. */
  passTo(receiver: (signal: NodeJS.Signals) => void): void;
  /** Lets signals end this process again. */
  release(): void;
}

/** Stops signals from ending this process, because there is something to clean up first. */
export function catchSignals(signals: readonly NodeJS.Signals[] = stopping): Signals {
  let first: NodeJS.Signals | undefined;
  let receive: (signal: NodeJS.Signals) => void = () => {};
  let tell = (): void => {};
  const caught = new Promise<void>((resolve) => (tell = resolve));
  const listener = (signal: NodeJS.Signals): void => {
    first ??= signal;
    tell();
    receive(signal);
  };
  for (const signal of signals) process.on(signal, listener);
  return {
    get first() {
      return first;
    },
    caught,
    passTo(receiver) {
      receive = receiver;
    },
    release() {
      for (const signal of signals) process.off(signal, listener);
    },
  };
}
