import { IntermissionError } from "../../core/errors.ts";
import type { Clock, Store, StoreRecord } from "../../core/ports.ts";
import { currentRelease, decodeState, emptyState, encodeState, type State } from "../../core/state/state.ts";

/** What became of an update. */
export interface Update<Result> {
  readonly result: Result;
  /** The state before it. */
  readonly before: State;
  /** The store's time at which it was made, in milliseconds since 1970. */
  readonly at: number;
}

/**
 * A server that does not answer is given up after this time, whatever its driver does. Stores give up a write half a
 * second sooner, and can say more about why.
 */
export const answerWithin = 4000;

const longestPause = 40;

/** A read that took longer than this and failed was short of time, not refused. Milliseconds. */
const slow = 500;

/** Whose state it is. */
interface Subject {
  readonly store: Store;
  readonly app: string;
  readonly clock: Clock;
}

/**
 * Reads the state, applies a pure transition and writes the result if nobody wrote meanwhile; else begins again. A
 * transition that returns the state it was given writes nothing.
 *
 * @throws IntermissionError `store-failed`, `store-busy`, `state-unreadable`, and whatever the transition throws.
 */
export async function updateState<Result extends { readonly state: State }>(
  subject: Subject,
  transition: (state: State, now: number) => Result,
): Promise<Update<Result>> {
  const { store, app, clock } = subject;
  const deadline = clock.now() + answerWithin;
  for (;;) {
    const record = await read(subject, deadline);
    const before = record.value === undefined ? emptyState : decodeState(record.value);
    const at = Math.round(record.now ?? clock.now());
    const result = transition(before, at);
    if (result.state === before) return { result, before, at };
    const value = encodeState(result.state);
    if (
      await within(clock, deadline, store.write(app, value, record.version, currentRelease(result.state)?.id))
    ) {
      return { result, before, at };
    }
    if (clock.now() >= deadline) {
      throw new IntermissionError("store-busy", {
        problem: "The record changed each time before it could be written",
        remedy: "Nothing was written. Try again.",
      });
    }
    await new Promise<void>((resume) => clock.after(longestPause * clock.random(), resume, { ref: true }));
  }
}

/** The state as it is now, and the store's time. */
export async function readState(subject: Subject): Promise<{ readonly state: State; readonly now: number }> {
  const record = await read(subject, subject.clock.now() + answerWithin);
  const state = record.value === undefined ? emptyState : decodeState(record.value);
  return { state, now: record.now ?? subject.clock.now() };
}

/** Stores give up reads soon, for apps that wait. A deploy can wait longer, on a machine that is busy with it. */
async function read({ store, app, clock }: Subject, deadline: number): Promise<StoreRecord> {
  let failure: Error | undefined;
  for (;;) {
    const begunAt = clock.now();
    try {
      return await within(clock, deadline, store.read(app), () => failure ?? didNotAnswer());
    } catch (error) {
      if (clock.now() - begunAt < slow || clock.now() >= deadline) throw error;
      if (error instanceof Error) failure = error;
    }
  }
}

async function within<Value>(
  clock: Clock,
  deadline: number,
  work: Promise<Value>,
  timeIsUp: () => Error = didNotAnswer,
): Promise<Value> {
  let cancel: (() => void) | undefined;
  const timeout = new Promise<never>((_, reject) => {
    const giveUp = (): void => {
      reject(timeIsUp());
    };
    cancel = clock.after(Math.max(0, deadline - clock.now()), giveUp, { ref: true });
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    cancel?.();
  }
}

function didNotAnswer(): IntermissionError {
  return new IntermissionError("store-failed", {
    problem: "The store did not answer",
    expected: `an answer within ${String(answerWithin / 1000)} s`,
    remedy: "Check that it is running and can be reached from here.",
  });
}
