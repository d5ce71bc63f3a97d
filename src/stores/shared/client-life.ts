import { systemClock } from "../../core/runtime.ts";
import { withTimeLimit } from "../../core/time-limit.ts";
import { storeClosed } from "./failure.ts";

/** The life of a store's client: connected on first use, called with a time limit, closed once. */
export interface ClientLife<Source> {
  readonly closed: boolean;
  /**
   * The client, connected once. After a failure the next call tries again.
   *
   * @throws IntermissionError `store-failed` if the store is closed
   */
  connect(): Promise<Source>;
  /**
   * Calls the client and settles in time, whatever the client does. Abandoned calls that never settle are
   * counted: they would pile up in a disconnected client, so beyond {@link maximumGivenUp} no more are made.
   *
   * @param late `onGivenUp` is called if time runs out first, `onAnswer` if the result still comes.
   */
  ask<Answer>(
    milliseconds: number,
    begin: (source: Source) => Promise<Answer>,
    late?: { readonly onGivenUp?: () => void; readonly onAnswer?: (answer: Answer) => void },
  ): Promise<Answer>;
  /** Passes on the client to be closed, if there ever was one. Later calls do nothing. */
  close(end: (source: Source) => unknown): Promise<void>;
}

const maximumGivenUp = 4;

/** @param exhausted The error text once too many calls are unanswered. */
export function clientLife<Source>(open: () => Promise<Source>, exhausted: string): ClientLife<Source> {
  let opening: Promise<Source> | undefined;
  let givenUp = 0;
  let closed = false;

  function connect(): Promise<Source> {
    if (closed) return Promise.reject(storeClosed());
    opening ??= open().catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  }

  return {
    get closed() {
      return closed;
    },
    connect,
    async ask(milliseconds, begin, { onGivenUp, onAnswer } = {}) {
      const source = await connect();
      if (givenUp >= maximumGivenUp) throw new Error(exhausted);
      const progress = { settled: false };
      // Turns a synchronous throw into a rejection.
      const answer = (async () => begin(source))();
      const settle = (): void => {
        progress.settled = true;
      };
      answer.then(settle, settle);
      try {
        return await withTimeLimit(systemClock, milliseconds, answer);
      } catch (error) {
        if (progress.settled) throw error;
        givenUp++;
        answer
          .then(onAnswer, ignore)
          .catch(ignore)
          .finally(() => {
            givenUp--;
          });
        onGivenUp?.();
        throw error;
      }
    },
    async close(end) {
      if (closed) return;
      closed = true;
      const source = await opening?.catch(() => undefined);
      if (source !== undefined) await end(source);
    },
  };
}

function ignore(): void {}
