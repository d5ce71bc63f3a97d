import { IntermissionError, isIntermissionError, reasonOf } from "../../core/errors.ts";
import type { Clock, Store, StoreRecord } from "../../core/ports.ts";
import { withTimeLimit } from "../../core/time-limit.ts";
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

/** What took longer than this and failed was short of time, not refused. Milliseconds. */
const slow = 500;

/**
 * A write that has no answer by then is looked for in the store, this often, until {@link answerWithin} and a little
 * more is over. Milliseconds.
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
 * Reads the state, applies a pure transition and writes the result if nobody wrote meanwhile; else begins again. A
 * transition that returns the state it was given writes nothing.
 *
 * A write that got no answer is looked for in the store, and sent once more: of the two, one at most finds the version
 * that it expects.
 *
 * @throws IntermissionError `store-failed`, `store-busy`, `write-unknown`, `state-unreadable`, and whatever the
 * transition throws.
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
  /** The version that it replaces. */
  readonly version: number;
  /** Sends it. */
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

/** A write that is on its way, and what came of it so far. */
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
 * What became of a write that got no answer. False: somebody else has written, so that it can't be done any more.
 *
 * @throws IntermissionError `write-unknown`; and the failure, when it comes again and nothing was written
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
    // Read after both had failed at once: neither was done.
    const again = second?.settled;
    const failedTwice = settled?.quick === true && again !== undefined && "quick" in again && again.quick;
    if (record !== undefined && failedTwice && again.failedAt <= askedAt) throw failure;
    if (clock.now() >= deadline) throw writeUnknown(failure ?? didNotAnswer());
    // What it comes to is read.
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
  return withTimeLimit(clock, deadline - clock.now(), work, { timeIsUp });
}

function didNotAnswer(): IntermissionError {
  return new IntermissionError("store-failed", {
    problem: "The store did not answer",
    expected: `an answer within ${String(answerWithin / 1000)} s`,
    remedy: "Check that it is running and can be reached from here.",
  });
}
