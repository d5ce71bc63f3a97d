import type { ServerResponse } from "node:http";

/**
 * Sends the head of an answer whose body does not follow at once (such as an event stream), so that the
 * visitor need not wait. One pass per turn of the event loop for all answers: a call for each would slow down
 * every short answer.
 */
export interface Flusher {
  /** @param isDone Whether part of the answer was written meanwhile. */
  add(response: ServerResponse, isDone: () => boolean): void;
}

export function createFlusher(): Flusher {
  let added: (readonly [ServerResponse, () => boolean])[] = [];

  function flush(): void {
    const all = added;
    added = [];
    for (const [response, isDone] of all) {
      if (!isDone() && !response.destroyed) response.flushHeaders();
    }
  }

  return {
    add(response, isDone) {
      if (added.push([response, isDone]) === 1) setImmediate(flush);
    },
  };
}
