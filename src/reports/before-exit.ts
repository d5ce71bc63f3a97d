interface NodeProcess {
  readonly once?: (event: "beforeExit", listener: () => void) => unknown;
  readonly off?: (event: "beforeExit", listener: () => void) => unknown;
}

// One listener for all of a process: Node warns of more than ten.
const waiting = new Set<() => void>();

function callAll(): void {
  // Once for each: what they begin keeps the process for a moment, and then it is about to end again.
  const all = [...waiting];
  waiting.clear();
  for (const callback of all) callback();
}

/**
 * Calls back once when the process has nothing left to do, and may begin something then that keeps it a little longer.
 * Not when it is ended by `process.exit()` or a signal. In runtimes without processes, never.
 *
 * @returns A function that takes it back.
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
