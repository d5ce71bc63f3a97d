import { isIntermissionError } from "../../core/errors.ts";
import type { Clock, Store } from "../../core/ports.ts";

export interface PushOptions {
  readonly store: Store;
  readonly app: string;
  readonly clock: Clock;
  /** Called when the record may have changed, at most four times a second. */
  readonly onChanged: () => void;
  /** Told when the push can't be had, for now. Must not throw. */
  readonly onFailure: (error: unknown) => void;
}

/** The push of a store, as far as it has one. */
export interface Push {
  /** Begins to listen, unless it does already. */
  start(): void;
  /**
   * A read has brought a change: the push should have told of it, or does so soon. Otherwise it is made anew, since its
   * connection may be dead without anybody having been told.
   *
   * @param since When the read before was sent, by the clock.
   */
  expectNotice(since: number): void;
  /** For good. Never rejects. */
  stop(): Promise<void>;
}

/**
 * Notices that are passed on in a second: whoever may notify must not make every instance read for each. The first of a
 * burst are passed on at once, since a deploy's steps may follow each other closely.
 */
const mostNotices = 4;
const second = 1000;

/** Milliseconds after which a store that said it can't push over its connection is asked again: it may lead elsewhere. */
const askAgainAfter = 60_000;

/** Milliseconds in which a notice comes after the read that has brought the change. */
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
      // The connection is being given up anyway.
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
