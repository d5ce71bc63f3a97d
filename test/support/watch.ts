import { currentRelease } from "../../src/core/state/state.ts";
import type { Watcher } from "../../src/engine/state/snapshot.ts";
import { createWatcher, type WatcherOptions } from "../../src/engine/state/watcher.ts";
import { createFakeClock, type FakeClock } from "../../src/testing/fake-clock.ts";
import { record, scriptedStore } from "./scripted-store.ts";

/** A watcher on a stopped clock and a store whose reads are answered by hand. */
export interface Watch {
  readonly watcher: Watcher;
  readonly clock: FakeClock;
  readonly script: ReturnType<typeof scriptedStore>;
  /** What `onReadFailure` got. */
  readonly failures: readonly unknown[];
  /** What `onPushFailure` got. */
  readonly pushFailures: readonly unknown[];
  /** The current release in the watcher's snapshot. */
  readonly current: string | undefined;
  /** Whether a promise is settled by now. */
  isSettled(promise: Promise<void> | undefined): Promise<boolean>;
}

export function createWatch(
  options: Partial<WatcherOptions> = {},
  { random, pushFailure }: { readonly random?: () => number; readonly pushFailure?: Error } = {},
): Watch {
  const clock = createFakeClock(random === undefined ? {} : { random });
  const script = scriptedStore();
  script.refusePush(pushFailure);
  const failures: unknown[] = [];
  const pushFailures: unknown[] = [];
  const watcher = createWatcher({
    store: script.store,
    app: "default",
    clock,
    refreshEvery: 10_000,
    freshFor: 1000,
    readTimeout: 250,
    onReadFailure: (error) => failures.push(error),
    onPushFailure: (error) => pushFailures.push(error),
    ...options,
  });
  return {
    watcher,
    clock,
    script,
    failures,
    pushFailures,
    get current() {
      return watcher.snapshot && currentRelease(watcher.snapshot.state)?.id;
    },
    async isSettled(promise) {
      let settled = false;
      void promise?.then(() => (settled = true));
      await script.settled();
      return settled;
    },
  };
}

/** The same, after it has read `v1` at version 1. */
export async function startWatch(...parameters: Parameters<typeof createWatch>): Promise<Watch> {
  const watch = createWatch(...parameters);
  const first = watch.watcher.start();
  await watch.script.last.answer(record(1, "v1"));
  await first;
  return watch;
}
