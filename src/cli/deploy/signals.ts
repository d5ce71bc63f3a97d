import process from "node:process";

/** What ends a command that runs in the foreground: Ctrl-C, a pipeline that is cancelled, a terminal that is closed. */
const stopping = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

export interface Signals {
  /** The first that came, if any. */
  readonly first: NodeJS.Signals | undefined;
  /** Resolves when the first comes. */
  readonly caught: Promise<void>;
  /** Hands on what comes from now on. */
  passTo(receiver: (signal: NodeJS.Signals) => void): void;
  /** Lets signals end this process again. */
  release(): void;
}

/** Keeps signals from ending this process, since there is something to be put in order first. */
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
