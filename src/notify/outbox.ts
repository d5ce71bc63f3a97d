import type { Clock, Store } from "../core/ports.ts";
import { decodeState, emptyState, startOf, type State } from "../core/state/state.ts";
import {
  claim,
  collect,
  decodeBox,
  encodeBox,
  settle,
  type Box,
  type KeyedEvent,
  type Pending,
} from "./box.ts";
import { createMessageId } from "./event.ts";
import type { Delivery, Receiver } from "./receiver.ts";

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
/** Well below the time for which events are claimed. Milliseconds. */
const inOrderFor = 10_000;

type Sent = Delivery & { readonly id: string; readonly receiver: Receiver };

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

  /** The end of a deploy should not arrive before its begin. A slow or failing receiver gets the rest at once. */
  async function sendInOrder(receiver: Receiver, claimed: readonly Pending[]): Promise<readonly Sent[]> {
    const mine = claimed.filter(({ left }) => left.includes(receiver.id));
    const begun = clock.now();
    const sent: Sent[] = [];
    for (const [index, one] of mine.entries()) {
      const delivery = await send(receiver, one);
      sent.push(delivery);
      if (delivery.ok && clock.now() - begun < inOrderFor) continue;
      const rest = mine.slice(index + 1).map((each) => send(receiver, each));
      return [...sent, ...(await Promise.all(rest))];
    }
    return sent;
  }

  async function send(receiver: Receiver, { id, event }: Pending): Promise<Sent> {
    return { id, receiver, ...(await receiver.send(id, event, now())) };
  }

  return {
    get box() {
      return box;
    },
    read,
    change,
    async flush(extra = [], known) {
      const state = known ?? (await readRecord());
      let claimed: readonly Pending[] = [];
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
      const deliveries = (
        await Promise.all(receivers.map((receiver) => sendInOrder(receiver, claimed)))
      ).flat();
      const attempts = claimed.map(({ id }) => {
        const mine = deliveries.filter((delivery) => delivery.id === id);
        return {
          id,
          done: mine.filter(({ ok, gone }) => ok || gone === true).map(({ receiver }) => receiver.id),
          retryAfter: Math.max(0, ...mine.map(({ ok, retryAfter = 0 }) => (ok ? 0 : retryAfter))),
        };
      });
      const failures = deliveries
        .filter(({ ok }) => !ok)
        .map(({ receiver, found }) => `${receiver.name}: ${found}`);
      await change((before, at) => before && settle(before, attempts, at).box);
      return { sent: claimed.length, failures: [...new Set(failures)] };
    },
  };
}

/** Stores take names of up to 127 characters. */
function boxKey(app: string): string {
  return `${app.slice(0, 119)}#outbox`;
}
