import type { Clock } from "../../core/ports.ts";

/** Where requests wait while no upstream can be reached. */
export interface WaitingRoom {
  readonly size: number;
  /**
   * Calls back once: true if an upstream can be reached, false when time is up. The returned function leaves
   * without a call. Undefined: there is no room, or no time.
   *
   * @param until By the clock.
   */
  enter(until: number, called: (reachable: boolean) => void): (() => void) | undefined;
  /** Sends everybody away and admits nobody. */
  close(): void;
}

/** Milliseconds between checks of the upstreams, shared by all who wait. */
const lookEvery = 100;

/**
 * @param reach Whether a connection to an upstream can be opened. Never rejects, and takes a few seconds at
 * most.
 */
export function createWaitingRoom(maximum: number, clock: Clock, reach: () => Promise<boolean>): WaitingRoom {
  const waiting = new Map<(reachable: boolean) => void, () => void>();
  let looking = false;
  let closed = false;

  function look(): void {
    if (looking) return;
    looking = true;
    clock.after(lookEvery, () => {
      void reach().then((reachable) => {
        looking = false;
        if (reachable) callAll(true);
        else if (waiting.size > 0) look();
      });
    });
  }

  function callAll(reachable: boolean): void {
    const all = [...waiting];
    waiting.clear();
    for (const [called, cancel] of all) {
      cancel();
      called(reachable);
    }
  }

  return {
    get size() {
      return waiting.size;
    },
    enter(until, called) {
      const remaining = until - clock.now();
      if (closed || remaining <= 0 || waiting.size >= maximum) return undefined;
      const cancel = clock.after(remaining, () => {
        if (waiting.delete(called)) called(false);
      });
      waiting.set(called, cancel);
      look();
      return () => {
        cancel();
        waiting.delete(called);
      };
    },
    close() {
      closed = true;
      callAll(false);
    },
  };
}
