import { IntermissionError } from "../../core/errors.ts";
import type { Clock, Store, StoreRecord } from "../../core/ports.ts";
import { decodeState, emptyState, startOf, type State } from "../../core/state/state.ts";
import { runDetached } from "../../core/runtime.ts";
import { createPush } from "./push.ts";

/** An instance's local copy of the state. */
export interface Snapshot {
  readonly state: State;
  readonly version: number;
  /** How its text begins, with the mark of the write: a server that lost a write gives its version again. */
  readonly start: string | undefined;
  /** When the read that brought it was sent, by the instance's clock: its age counts from there. */
  readonly sentAt: number;
  /** Add it to the instance's clock to get the store's. Milliseconds. */
  readonly storeOffset: number;
}

export interface WatcherOptions {
  readonly store: Store;
  readonly app: string;
  readonly clock: Clock;
  /** Milliseconds between reads in the background; 0: none. */
  readonly refreshEvery: number;
  /** Milliseconds for which a snapshot counts as fresh. */
  readonly freshFor: number;
  /** Milliseconds that {@link Watcher.freshen} waits at the most. */
  readonly readTimeout: number;
  /** Told of each read that failed. Must not throw. */
  readonly onReadFailure: (error: unknown) => void;
  /** Told when the store's push can't be had, for now. Must not throw. */
  readonly onPushFailure: (error: unknown) => void;
  /** Told of what the store finds doubtful about itself, with every read. Must not throw. */
  readonly onNotice?: (notice: string) => void;
}

/** Keeps a snapshot of the state: in the background, when the store pushes, and when an error needs a fresh one. */
export interface Watcher {
  /** The newest snapshot, whatever its age. */
  readonly snapshot: Snapshot | undefined;
  /** The last read that ended has failed. */
  readonly failing: boolean;
  /** Begins to watch. Resolves when the first read was answered, failed or was given up. */
  start(): Promise<void>;
  /**
   * For who has something to go by: reads unless the snapshot is fresh, and nobody waits. A snapshot that is older than
   * the background would have it is no such thing, as after a freeze or where there is no background: then it is
   * {@link Watcher.freshen}.
   *
   * @param now By the watcher's clock, for who has asked it already. So in {@link Watcher.freshen}.
   */
  refreshBehind(now?: number): Promise<void> | undefined;
  /** Reads now, or joins the read under way. Resolves when it was answered, failed or was given up. */
  refresh(): Promise<void>;
  /** The same, but never joins a read that may have been answered from before this call. */
  refreshAnew(): Promise<void>;
  /**
   * One read, shared by all who wait for it; each waits for at most `readTimeout`. Undefined: waiting is of no use,
   * since the snapshot is fresh, or the store is known not to answer. Never rejects.
   */
  freshen(now?: number): Promise<void> | undefined;
  close(): Promise<void>;
}

/** A read that got no answer in this time counts as failed. A late answer is used all the same. */
const giveUpAfter = 1000;
/** A store that failed is asked again this often in the background, until it answers. */
const retryEvery = 1000;
/** From when a read that failed was sent, until the next one has failed too, and some for late timers. */
const knownDownFor = 1.2 * retryEvery + giveUpAfter + 300;
/** A server that fails over may give a version again to another record, "unchanged" for ever to those who knew it. */
const wholeEvery = 60_000;

/** When a timer is this late, the runtime has dropped it, and the read with it: neither will ever end. Milliseconds. */
const droppedAfter = 2 * giveUpAfter;

/** Reads that never settle must not pile up. */
const maximumUnanswered = 3;

export function createWatcher(options: WatcherOptions): Watcher {
  const { store, app, clock, refreshEvery, freshFor, readTimeout, onReadFailure, onPushFailure } = options;

  let snapshot: Snapshot | undefined;
  /** The version of the snapshot says something about the record that is there now. */
  let isVersionKnown = true;
  /** When the record was last read whole, by the clock. */
  let wholeAt = Number.NEGATIVE_INFINITY;
  /** The read under way. */
  let inFlight: { readonly done: Promise<void>; readonly sentAt: number; drop(): void } | undefined;
  let failedAt = Number.NEGATIVE_INFINITY;
  let unanswered = 0;
  let changedInFlight = false;
  let cancelNext: (() => void) | undefined;
  let started = false;
  let closed = false;

  /** Milliseconds. */
  const overdueAfter = refreshEvery === 0 ? freshFor : Math.max(freshFor, 2 * refreshEvery + giveUpAfter);
  const isOverdue = (now: number): boolean => snapshot === undefined || now - snapshot.sentAt >= overdueAfter;
  const push = createPush({
    store,
    app,
    clock,
    onChanged() {
      if (closed) return;
      // The read under way may have been answered from before the change.
      if (inFlight !== undefined) changedInFlight = true;
      else void refresh();
    },
    onFailure: onPushFailure,
  });

  const isFresh = (now: number): boolean => snapshot !== undefined && now - snapshot.sentAt < freshFor;

  /** Known from a failed read, for as long as the background asks again without being asked. */
  const isKnownDown = (now: number): boolean => {
    const memory = started && refreshEvery > 0 ? knownDownFor : freshFor;
    return now - failedAt < memory;
  };

  function accept(record: StoreRecord, sentAt: number): void {
    if (snapshot !== undefined && sentAt < snapshot.sentAt) return;
    let state: State;
    if (record.unchanged === true) {
      // A read that overtook this one may have brought another version: then this answer says nothing.
      if (snapshot?.version !== record.version) return;
      state = snapshot.state;
    } else if (record.value === undefined && snapshot !== undefined && snapshot.version > 0) {
      // A table dropped, a server replaced by an empty one: no deploy empties the record, so this is no news. Its
      // successor may have the same version, and must be read whole.
      isVersionKnown = false;
      throw new IntermissionError("store-failed", {
        problem: "The store holds no record any more",
        remedy: "Restore it, or record the release anew: intermission create-release.",
      });
    } else {
      state = record.value === undefined ? emptyState : decodeState(record.value);
    }
    const storeOffset = record.now === undefined ? 0 : record.now - clock.now();
    const start = record.unchanged === true ? snapshot?.start : startOf(record.value ?? "");
    snapshot = { state, version: record.version, start, sentAt, storeOffset };
    if (record.unchanged === true) return;
    isVersionKnown = true;
    wholeAt = sentAt;
  }

  function startRead(): NonNullable<typeof inFlight> {
    const sentAt = clock.now();
    let resolveDone!: () => void;
    const done = new Promise<void>((resolve) => (resolveDone = resolve));
    const cancelDeadline = clock.after(giveUpAfter, () => {
      settle(didNotAnswer());
    });
    let open = true;
    let counted = false;

    const uncount = (): void => {
      if (counted) unanswered--;
      counted = false;
    };
    const settle = (failure?: unknown): void => {
      if (!open) return;
      open = false;
      cancelDeadline();
      inFlight = undefined;
      if (failure === undefined) {
        failedAt = Number.NEGATIVE_INFINITY;
      } else if (!closed) {
        failedAt = sentAt;
        isVersionKnown = false;
        onReadFailure(failure);
      }
      resolveDone();
      runDetached(afterRead);
    };

    if (unanswered >= maximumUnanswered) {
      queueMicrotask(() => {
        settle(didNotAnswer());
      });
    } else {
      unanswered++;
      counted = true;
      readRecord().then(
        (record) => {
          uncount();
          try {
            accept(record, sentAt);
            settle();
            if (record.notice !== undefined && !closed) options.onNotice?.(record.notice);
            // A late answer, after the read was given up, still says that the store is back.
            if (!open && failedAt <= sentAt) failedAt = Number.NEGATIVE_INFINITY;
          } catch (error) {
            settle(error);
          }
        },
        (error: unknown) => {
          uncount();
          settle(error ?? didNotAnswer());
        },
      );
    }
    return {
      done,
      sentAt,
      drop() {
        uncount();
        settle(didNotAnswer());
      },
    };
  }

  async function readRecord(): Promise<StoreRecord> {
    const isKnown = isVersionKnown && clock.now() - wholeAt < wholeEvery;
    return isKnown ? store.read(app, snapshot?.version, snapshot?.start) : store.read(app);
  }

  function didNotAnswer(): IntermissionError {
    return new IntermissionError("store-failed", {
      problem: "The store did not answer",
      expected: `an answer within ${String(giveUpAfter)} ms`,
    });
  }

  function dropLost(now: number): void {
    if (inFlight !== undefined && now - inFlight.sentAt >= droppedAfter) inFlight.drop();
  }

  function refresh(): Promise<void> {
    dropLost(clock.now());
    inFlight ??= runDetached(startRead);
    return inFlight.done;
  }

  function freshen(now = clock.now()): Promise<void> | undefined {
    if (closed || isFresh(now) || isKnownDown(now)) return undefined;
    const done = refresh();
    return new Promise((stopWaiting) => {
      const cancel = clock.after(readTimeout, stopWaiting);
      void done.then(() => {
        cancel();
        stopWaiting();
      });
    });
  }

  function afterRead(): void {
    if (closed || !started) return;
    if (failedAt === Number.NEGATIVE_INFINITY) push.start();
    if (changedInFlight) {
      changedInFlight = false;
      void refresh();
      return;
    }
    scheduleNext();
  }

  function scheduleNext(): void {
    cancelNext?.();
    cancelNext = undefined;
    if (refreshEvery === 0) return;
    // Jitter, so that instances started together don't ask together for ever.
    const delay =
      failedAt === Number.NEGATIVE_INFINITY
        ? refreshEvery * (0.9 + 0.2 * clock.random())
        : Math.max(0, failedAt + retryEvery - clock.now()) + 0.2 * retryEvery * clock.random();
    cancelNext = clock.after(delay, () => void refresh());
  }

  return {
    get snapshot() {
      return snapshot;
    },
    get failing() {
      return failedAt !== Number.NEGATIVE_INFINITY;
    },
    start() {
      started = true;
      return refresh();
    },
    refresh,
    async refreshAnew() {
      await inFlight?.done;
      await refresh();
    },
    refreshBehind(now = clock.now()) {
      if (isOverdue(now)) return freshen(now);
      dropLost(now);
      if (!closed && inFlight === undefined && !isFresh(now) && now - failedAt >= retryEvery) void refresh();
      return undefined;
    },
    freshen,
    async close() {
      closed = true;
      cancelNext?.();
      await push.stop();
    },
  };
}
