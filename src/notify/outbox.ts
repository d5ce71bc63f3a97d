import type { Clock, Store } from "../core/ports.ts";
import { decodeState, emptyState, startOf, type State } from "../core/state/state.ts";
import { claim, collect, decodeBox, encodeBox, settle, type Box, type KeyedEvent } from "./box.ts";
import { createMessageId } from "./event.ts";
import type { Receiver } from "./receiver.ts";

/** Tells receivers what has happened, once for all processes that have an outbox on the same store. */
export interface Outbox {
  /** The box as it was read or written last. Undefined: none yet. */
  readonly box: Box | undefined;
  /** Reads the box, in one small read. */
  read(): Promise<void>;
  /**
   * Sends whatever is due: what has happened since, and earlier tries that failed.
   *
   * @param state What the store holds. Left out: it is read.
   * @throws IntermissionError `store-failed` …
   */
  flush(extra?: readonly KeyedEvent[], state?: State): Promise<FlushResult>;
  /**
   * Changes the box by compare-and-set. A function that returns the same box writes nothing, and then this is
   * false.
   */
  change(transition: (box: Box | undefined, now: number) => Box | undefined): Promise<boolean>;
}

export interface FlushResult {
  readonly sent: number;
  /** Who did not take an event, and why. Without secrets. */
  readonly failures: readonly string[];
}

export interface OutboxOptions {
  readonly store: Store;
  readonly app: string;
  readonly clock: Clock;
  readonly receivers: readonly Receiver[];
  /** Somebody waits for it, so it keeps the process alive. @default false */
  readonly isAwaited?: boolean;
}

/** Others may write at the same time: all instances see a change at once. */
const mostAttempts = 6;
const longestPause = 60;

export function createOutbox(options: OutboxOptions): Outbox {
  const { store, app, clock, receivers, isAwaited = false } = options;
  const key = boxKey(app);
  const ids = receivers.map(({ id }) => id);
  let version = 0;
  let start: string | undefined;
  let box: Box | undefined;
  let offset = 0;

  async function read(): Promise<void> {
    const record = await (version === 0 ? store.read(key) : store.read(key, version, start));
    if (record.now !== undefined) offset = record.now - clock.now();
    if (record.unchanged === true) return;
    version = record.version;
    start = startOf(record.value ?? "");
    box = decodeBox(record.value);
  }

  const now = (): number => Math.round(clock.now() + offset);

  async function change(
    transition: (box: Box | undefined, now: number) => Box | undefined,
  ): Promise<boolean> {
    for (let attempt = 0; attempt < mostAttempts; attempt++) {
      await read();
      const next = transition(box, now());
      if (next === box || next === undefined) return false;
      const value = encodeBox(next, globalThis.crypto.randomUUID().slice(0, 13));
      if (await store.write(key, value, version)) {
        version++;
        start = startOf(value);
        box = next;
        return true;
      }
      const pause = longestPause * clock.random() * (attempt + 1);
      await new Promise<void>((resume) => clock.after(pause, resume, { ref: isAwaited }));
    }
    throw new Error("the outbox changed each time before it could be written");
  }

  async function readRecord(): Promise<State> {
    const { value } = await store.read(app);
    return value === undefined ? emptyState : decodeState(value);
  }

  return {
    get box() {
      return box;
    },
    read,
    change,
    async flush(extra = [], known) {
      const state = known ?? (await readRecord());
      let claimed: ReturnType<typeof claim>["claimed"] = [];
      await change((before, at) => {
        const collected = collect(before, state, {
          ...{ app, now: at, receivers: ids, extra },
          createId: createMessageId,
        });
        const taken = claim(collected, at, ids);
        claimed = taken.claimed;
        return taken.box;
      });
      if (claimed.length === 0) return { sent: 0, failures: [] };
      const failures: string[] = [];
      const attempts = await Promise.all(
        claimed.map(async ({ id, event, left }) => {
          const mine = receivers.filter((receiver) => left.includes(receiver.id));
          const deliveries = await Promise.all(
            mine.map(async (receiver) => ({ receiver, ...(await receiver.send(id, event, now())) })),
          );
          const missed = deliveries.filter(({ ok }) => !ok);
          for (const { receiver, found } of missed) failures.push(`${receiver.name}: ${found}`);
          return {
            id,
            done: deliveries.filter(({ ok, gone }) => ok || gone === true).map(({ receiver }) => receiver.id),
            retryAfter: Math.max(0, ...missed.map(({ retryAfter = 0 }) => retryAfter)),
          };
        }),
      );
      await change((before, at) => before && settle(before, attempts, at).box);
      return { sent: claimed.length, failures: [...new Set(failures)] };
    },
  };
}

/** Stores take names of up to 127 characters. */
function boxKey(app: string): string {
  return `${app.slice(0, 119)}#outbox`;
}
