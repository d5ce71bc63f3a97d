import type { ServerResponse } from "node:http";

/**
 * Sends the head of an answer whose body does not come with it, as events don't, so that the visitor is not kept waiting
 * for it. One call for all answers of a turn of the event loop: one for each of them would cost every short answer.
 */
export interface Flusher {
  /** @param isDone Whether something of the answer was written meanwhile. */
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
