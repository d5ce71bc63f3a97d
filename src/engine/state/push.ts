import { isIntermissionError } from "../../core/errors.ts";
import type { Clock, Store } from "../../core/ports.ts";

export interface PushOptions {
  readonly store: Store;
  readonly app: string;
  readonly clock: Clock;
  /** Called when the record may have changed, at most four times a second. */
  readonly onChanged: () => void;
  /** Called when push fails for now. Must not throw. */
  readonly onFailure: (error: unknown) => void;
}

/** A store's push, if it has one. */
export interface Push {
  /** Starts listening. Does nothing if it already listens. */
  start(): void;
  /**
   * A read has brought a change, so the push should have announced it, or will soon. If not, it is
   * reconnected: its connection may be dead without anybody noticing.
   *
   * @param since When the previous read was sent, by the clock.
   */
  expectNotice(since: number): void;
  /** Permanently. Never rejects. */
  stop(): Promise<void>;
}

/**
 * Notices passed on per second, so that a flood of them can't make every instance read for each. The first of
 * a burst go through at once, because a deploy's steps may follow closely.
 */
const mostNotices = 4;
const second = 1000;

/**
 * Retry interval for a store that said its connection can't push: the address may later lead elsewhere.
 * Milliseconds.
 */
const askAgainAfter = 60_000;

/** How soon a notice should follow the read that brought the change. Milliseconds. */
const noticeWithin = 2000;

export function createPush({ store, app, clock, onChanged, onFailure }: PushOptions): Push {
  let listening: "off" | "starting" | (() => Promise<void>) = "off";
  let notBefore = Number.NEGATIVE_INFINITY;
  let stopped = false;
  /** When the last {@link mostNotices} were passed on, oldest first. */
  const passedOnAt: number[] = [];
  let cancelNotice: (() => void) | undefined;
  let cancelDoubt: (() => void) | undefined;
  let heardAt = Number.NEGATIVE_INFINITY;

  function notice(): void {
    heardAt = clock.now();
    if (stopped || cancelNotice !== undefined) return;
    const oldest = passedOnAt.length < mostNotices ? undefined : passedOnAt[0];
    const wait = oldest === undefined ? 0 : oldest + second - clock.now();
    if (wait > 0) cancelNotice = clock.after(wait, passOn);
    else passOn();
  }

  function passOn(): void {
    cancelNotice = undefined;
    if (passedOnAt.push(clock.now()) > mostNotices) passedOnAt.shift();
    onChanged();
  }

  async function end(): Promise<void> {
    if (typeof listening !== "function") return;
    const stop = listening;
    listening = "off";
    try {
      await stop();
    } catch {
      // The connection is being abandoned anyway.
    }
  }

  function start(): void {
    if (store.watch === undefined || listening !== "off" || clock.now() < notBefore) return;
    listening = "starting";
    store.watch(app, notice).then(
      (stop) => {
        listening = stop;
        if (stopped) void end();
      },
      (error: unknown) => {
        listening = "off";
        if (isIntermissionError(error) && error.code === "push-unavailable") {
          notBefore = clock.now() + askAgainAfter;
        }
        if (!stopped) onFailure(error);
      },
    );
  }

  return {
    start,
    expectNotice(since) {
      if (typeof listening !== "function" || cancelDoubt !== undefined) return;
      cancelDoubt = clock.after(noticeWithin, () => {
        cancelDoubt = undefined;
        if (!stopped && heardAt < since) void end().then(start);
      });
    },
    stop() {
      stopped = true;
      cancelNotice?.();
      cancelDoubt?.();
      return end();
    },
  };
}
