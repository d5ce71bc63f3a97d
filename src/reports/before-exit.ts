interface NodeProcess {
  readonly once?: (event: "beforeExit", listener: () => void) => unknown;
  readonly off?: (event: "beforeExit", listener: () => void) => unknown;
}

// One listener per process: Node warns about more than ten.
const waiting = new Set<() => void>();

function callAll(): void {
  // Once for each: their work keeps the process for a moment, and then this event comes again.
  const all = [...waiting];
  waiting.clear();
  for (const callback of all) callback();
}

/**
 * Calls back once when the process has nothing left to do; the callback may start work that delays the exit.
 * Not called on `process.exit()` or a signal, nor in runtimes without processes.
 *
 * @returns A function that cancels it.
 */
export function onBeforeExit(callback: () => void): () => void {
  const { process } = globalThis as { readonly process?: NodeProcess };
  if (waiting.size === 0) process?.once?.("beforeExit", callAll);
  waiting.add(callback);
  return () => {
    waiting.delete(callback);
    if (waiting.size === 0) process?.off?.("beforeExit", callAll);
  };
}
