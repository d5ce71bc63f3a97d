import { IntermissionError } from "../../core/errors.ts";
import type { Clock, Store, StoreRecord } from "../../core/ports.ts";
import { decodeState, emptyState, startOf, type State } from "../../core/state/state.ts";
import { runDetached } from "../../core/runtime.ts";
import { createPush } from "./push.ts";
import type { Snapshot, Watcher } from "./snapshot.ts";

export interface WatcherOptions {
  readonly store: Store;
  readonly app: string;
  readonly clock: Clock;
  /** Milliseconds between background reads. 0: none. */
  readonly refreshEvery: number;
  /** Milliseconds a snapshot counts as fresh. */
  readonly freshFor: number;
  /** The most milliseconds {@link Watcher.freshen} waits. */
  readonly readTimeout: number;
  /** Called for each failed read. Must not throw. */
  readonly onReadFailure: (error: unknown) => void;
  /** Called when push fails for now. Must not throw. */
  readonly onPushFailure: (error: unknown) => void;
  /** Called after each read that succeeded. Must not throw. */
  readonly onRead?: () => void;
  /** Called on each read of a store that reports a problem. Must not throw. */
  readonly onNotice?: (notice: string) => void;
}

/** A read without an answer in this time counts as failed. A late answer is still used. */
const giveUpAfter = 1000;
/** How often a failed store is retried in the background. */
const retryEvery = 1000;
/** How long the snapshot is kept fresh after an error: more usually follow. Milliseconds. */
const keptFreshFor = 60_000;
/** With a shorter `freshFor`, keeping it fresh would take too many reads. Milliseconds. */
const shortestKept = 500;
/** From sending a read that failed until the next has failed, plus some for late timers. */
const knownDownFor = 1.2 * retryEvery + giveUpAfter + 300;
/** After a failover a server may reuse a version for another record, which would stay "unchanged" forever. */
const wholeEvery = 60_000;

/**
 * A timer this late means that the runtime dropped it and the read: neither will ever finish. Milliseconds.
 */
const droppedAfter = 2 * giveUpAfter;

/** Reads that never settle must not pile up. */
const maximumUnanswered = 3;

export function createWatcher(options: WatcherOptions): Watcher {
  const { store, app, clock, refreshEvery, freshFor, readTimeout, onReadFailure, onPushFailure } = options;

  let snapshot: Snapshot | undefined;
  /** The snapshot's version still identifies the record in the store. */
  let isVersionKnown = true;
  /** When the record was last read in full, by the clock. */
  let wholeAt = Number.NEGATIVE_INFINITY;
  let inFlight: { readonly done: Promise<void>; readonly sentAt: number; drop(): void } | undefined;
  let failedAt = Number.NEGATIVE_INFINITY;
  let keptUntil = Number.NEGATIVE_INFINITY;
  /** When the last read was sent, and how long the last answer took. */
  let askedAt = Number.NEGATIVE_INFINITY;
  let took = 0;
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
      // The read in flight may predate the change.
      if (inFlight !== undefined) changedInFlight = true;
      else void refresh();
    },
    onFailure: onPushFailure,
  });

  const isFresh = (now: number): boolean => snapshot !== undefined && now - snapshot.sentAt < freshFor;

  /** A read has failed, and the background keeps retrying. */
  const isKnownDown = (now: number): boolean => {
    const memory = started && refreshEvery > 0 ? knownDownFor : freshFor;
    return now - failedAt < memory;
  };

  function accept(record: StoreRecord, sentAt: number): void {
    if (snapshot !== undefined && sentAt < snapshot.sentAt) return;
    let state: State;
    if (record.unchanged === true) {
      // A read that overtook this one may have brought another version. Then this answer says nothing.
      if (snapshot?.version !== record.version) return;
      state = snapshot.state;
    } else if (record.value === undefined && snapshot !== undefined && snapshot.version > 0) {
      // A dropped table, or a server replaced by an empty one. No deploy empties the record, so keep the
      // snapshot. The next record may have the same version, so read it in full.
      isVersionKnown = false;
      throw new IntermissionError("store-failed", {
        problem: "The store no longer holds a record",
        remedy: "Restore it, or record the release again: intermission create-release.",
      });
    } else {
      state = record.value === undefined ? emptyState : decodeState(record.value);
    }
    if (snapshot !== undefined && record.version !== snapshot.version) push.expectNotice(snapshot.sentAt);
    const storeOffset = record.now === undefined ? 0 : record.now - clock.now();
    const start = record.unchanged === true ? snapshot?.start : startOf(record.value ?? "");
    snapshot = { state, version: record.version, start, sentAt, storeOffset };
    if (record.unchanged === true) return;
    isVersionKnown = true;
    wholeAt = sentAt;
  }

  function startRead(): NonNullable<typeof inFlight> {
    const sentAt = (askedAt = clock.now());
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
          took = clock.now() - sentAt;
          try {
            accept(record, sentAt);
            settle();
            if (!closed) options.onRead?.();
            if (record.notice !== undefined && !closed) options.onNotice?.(record.notice);
            // Even a late answer, after the read was given up, says that the store is back.
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
    if (closed) return undefined;
    keepFresh(now);
    if (isFresh(now) || isKnownDown(now)) return undefined;
    const done = refresh();
    return new Promise((stopWaiting) => {
      const cancel = clock.after(readTimeout, stopWaiting);
      void done.then(() => {
        cancel();
        stopWaiting();
      });
    });
  }

  function keepFresh(now: number): void {
    if (!started || freshFor < shortestKept) return;
    const isKept = now < keptUntil;
    keptUntil = now + keptFreshFor;
    // Otherwise the read in flight schedules the next.
    if (!isKept && isFresh(now) && inFlight === undefined) runDetached(scheduleNext);
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
    const now = clock.now();
    const failing = failedAt !== Number.NEGATIVE_INFINITY;
    // Jitter, so that instances started together don't keep reading together.
    let delay = failing
      ? Math.max(0, failedAt + retryEvery - now) + 0.2 * retryEvery * clock.random()
      : refreshEvery * (0.9 + 0.2 * clock.random());
    if (!failing && now < keptUntil) {
      // Early enough that the answer is there when needed.
      const ahead = Math.min(freshFor / 4, 2 * took + 25);
      delay = Math.min(delay, Math.max(0, askedAt + freshFor - ahead - now));
    }
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
