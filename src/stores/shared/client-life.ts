import { systemClock } from "../../core/runtime.ts";
import { withTimeLimit } from "../../core/time-limit.ts";
import { storeClosed } from "./failure.ts";

/** The life of a store's client: connected on first use, asked with a time limit, closed once. */
export interface ClientLife<Source> {
  readonly closed: boolean;
  /**
   * The client, connected once. A failure is forgotten, and the next call tries again.
   *
   * @throws IntermissionError `store-failed` when the store was closed
   */
  connect(): Promise<Source>;
  /**
   * Asks the client, and settles in time whatever it does. What was given up and never settles is counted: in a client
   * without a connection it would pile up, and beyond {@link maximumGivenUp} nothing more is asked.
   *
   * @param late Told when the time was over first: with what came after all, or nothing while it is still to come.
   */
  ask<Answer>(
    milliseconds: number,
    begin: (source: Source) => Promise<Answer>,
    late?: { readonly onGivenUp?: () => void; readonly onAnswer?: (answer: Answer) => void },
  ): Promise<Answer>;
  /** Hands over the client, if there ever was one. Later calls do nothing. */
  close(end: (source: Source) => unknown): Promise<void>;
}

const maximumGivenUp = 4;

/** @param exhausted What is said when too much of what was asked is still without an answer. */
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
      // A client that throws at once rejects like one that fails later.
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
