import { IntermissionError, isIntermissionError, reasonOf } from "../../core/errors.ts";
import type { Clock, Store, StoreRecord } from "../../core/ports.ts";
import { withTimeLimit } from "../../core/time-limit.ts";
import { currentRelease, decodeState, emptyState, encodeState, type State } from "../../core/state/state.ts";

export interface Update<Result> {
  readonly result: Result;
  /** The state before the update. */
  readonly before: State;
  /** When it was made, by the store's time, in milliseconds since 1970. */
  readonly at: number;
}

/**
 * A server that does not answer in this time is given up, whatever its driver does: with its start and its
 * end a command stays within five seconds. Milliseconds.
 */
export const answerWithin = 3500;

const longestPause = 40;

/** A failure that took longer than this ran out of time; a faster one was refused. Milliseconds. */
const slow = 500;

/**
 * A write without an answer by then is looked for in the store, this often, until a little after {@link
 * answerWithin}. Milliseconds.
 */
const writePatience = 2500;
const lookEvery = 250;
const lastLooks = 500;

/** Whose state it is. */
interface Subject {
  readonly store: Store;
  readonly app: string;
  readonly clock: Clock;
}

/**
 * Reads the state, applies a pure transition and writes the result. Starts again if somebody else wrote
 * meanwhile. A transition that returns the same state writes nothing.
 *
 * A write without an answer is looked for in the store and sent once more: at most one of the two finds the
 * version it expects.
 *
 * @throws IntermissionError `store-failed`, `store-busy`, `write-unknown`, `state-unreadable`, and whatever
 * the transition throws.
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
    const value = encodeState(result.state, globalThis.crypto.randomUUID().slice(0, 13));
    const release = currentRelease(result.state)?.id;
    const write = (): Promise<boolean> => store.write(app, value, record.version, release);
    if (await written(subject, { value, version: record.version, write }, deadline)) {
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

interface Write {
  readonly value: string;
  /** The version it replaces. */
  readonly version: number;
  readonly write: () => Promise<boolean>;
}

async function written(
  subject: Subject,
  { value, version, write }: Write,
  deadline: number,
): Promise<boolean> {
  const { clock } = subject;
  const first = send(clock, write);
  try {
    return await within(clock, Math.min(deadline, clock.now() + writePatience), first.answer);
  } catch (error) {
    if (isIntermissionError(error) && error.written === false) throw error;
    return findOut(subject, { value, version, write, first }, deadline + lastLooks);
  }
}

/** A write in flight, and its result so far. */
interface Sending {
  readonly answer: Promise<boolean>;
  settled?:
    | { readonly written: boolean }
    | { readonly failure: unknown; readonly failedAt: number; readonly quick: boolean };
}

function send(clock: Clock, write: Write["write"]): Sending {
  const sentAt = clock.now();
  const sending: Sending = { answer: (async () => write())() };
  sending.answer.then(
    (written) => {
      sending.settled = { written };
    },
    (failure: unknown) => {
      const failedAt = clock.now();
      sending.settled = { failure, failedAt, quick: failedAt - sentAt < slow };
    },
  );
  return sending;
}

/**
 * Whether a write without an answer took effect. False: somebody else has written, so it no longer can.
 *
 * @throws IntermissionError `write-unknown`; or the failure, if it repeats and nothing was written
 */
async function findOut(
  { store, app, clock }: Subject,
  { value, version, write, first }: Write & { readonly first: Sending },
  deadline: number,
): Promise<boolean> {
  let second: Sending | undefined;
  for (;;) {
    const askedAt = clock.now();
    const record = await within(clock, deadline, store.read(app)).catch(() => undefined);
    if (record?.value === value) return true;
    const { settled } = first;
    if (settled !== undefined && "written" in settled) return settled.written;
    const failure = settled?.failure;
    if (isIntermissionError(failure) && failure.written === false) throw failure;
    if (record !== undefined && record.version !== version) return false;
    // This read began after both had failed, so neither took effect.
    const again = second?.settled;
    const failedTwice = settled?.quick === true && again !== undefined && "quick" in again && again.quick;
    if (record !== undefined && failedTwice && again.failedAt <= askedAt) throw failure;
    if (clock.now() >= deadline) throw writeUnknown(failure ?? didNotAnswer());
    // The next read shows its outcome.
    if (record !== undefined && settled !== undefined) second ??= send(clock, write);
    const pause = Math.min(lookEvery, deadline - clock.now());
    await new Promise<void>((resume) => clock.after(pause, resume, { ref: true }));
  }
}

function writeUnknown(cause: unknown): IntermissionError {
  return new IntermissionError("write-unknown", {
    problem: "The store gave no answer, so it is not known whether this was recorded",
    got: reasonOf(cause),
    remedy:
      "Run `intermission status` and `intermission releases` as soon as the store answers. If it was not recorded, run the same again.",
    cause,
  });
}

/** The current state and the store's time. */
export async function readState(subject: Subject): Promise<{ readonly state: State; readonly now: number }> {
  const record = await read(subject, subject.clock.now() + answerWithin);
  const state = record.value === undefined ? emptyState : decodeState(record.value);
  return { state, now: record.now ?? subject.clock.now() };
}

/** Stores give up reads early, for waiting apps. A deploy can wait longer, on a machine it keeps busy. */
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
  return withTimeLimit(clock, deadline - clock.now(), work, { timeIsUp });
}

function didNotAnswer(): IntermissionError {
  return new IntermissionError("store-failed", {
    problem: "The store did not answer",
    expected: `an answer within ${String(answerWithin / 1000)} s`,
    remedy: "Check that it is running and can be reached from here.",
  });
}
