import { createBypass } from "../core/bypass.ts";
import { isRequestBound, processEnvironment, systemClock } from "../core/runtime.ts";
import { isIntermissionError, reasonOf } from "../core/errors.ts";
import type { Events, Listener } from "../core/events.ts";
import type { Intermission, Known } from "../core/intermission.ts";
import { readOriginalStatus } from "../core/decide.ts";
import type { Clock } from "../core/ports.ts";
import type { Environment } from "../core/release.ts";
import type { IntermissionOptions } from "../core/settings/options.ts";
import { resolveSettings } from "../core/settings/resolve.ts";
import { currentRelease } from "../core/state/state.ts";
import {
  createWarner,
  doubtfulReleaseWarning,
  listenerWarning,
  noticeWarning,
  pushWarning,
  readWarning,
} from "../core/warnings.ts";
import { openStore } from "../stores/open.ts";
import { onHangup, createPageLoader } from "./page/loader.ts";
import { createGate, createLazyRehearsal } from "./gate.ts";
import { createJudge } from "./judge.ts";
import { createReportLoader } from "./reporter.ts";
import { createWatcher } from "./state/watcher.ts";
import type { OperationsOptions, StoreOperations } from "./store-operations.ts";

/** Where an intermission runs, and its role there. Not for users to set. */
export interface Host {
  readonly environment?: Environment;
  readonly clock?: Clock;
  /** False: for a command that asks once and exits. */
  readonly watching?: boolean;
  /**
   * False: no work that no request waits for. The store is read when an error needs it.
   * @default whether the runtime allows background work
   */
  readonly background?: boolean;
  /** Who is acting, for the history. */
  readonly by?: string;
  /**
   * `proxy`: judges the errors of instances by their releases and has none of its own, whatever the
   * environment says. Left out: an instance.
   */
  readonly role?: "proxy";
}

/**
 * Starts an intermission: reads the settings, opens the store and begins to watch it.
 *
 * @throws IntermissionError if an option, an environment variable or the template is invalid. An unreachable
 * store does not throw: it is warned about and retried.
 */
export function createIntermission(
  options: IntermissionOptions = {},
  {
    environment = processEnvironment(),
    clock = systemClock,
    watching = true,
    background = watching && !isRequestBound(),
    by = "the app",
    role,
  }: Host = {},
): Intermission {
  const settings = resolveSettings(options, environment);
  const { app, freshFor } = settings;
  let ownRelease = role === "proxy" ? undefined : settings.release?.id;
  const instanceRelease = (): string | undefined => ownRelease;
  const warn = createWarner(settings, clock);
  const store = typeof settings.store === "string" ? openStore(settings.store) : settings.store;

  const watcher = createWatcher({
    store,
    app,
    clock,
    refreshEvery: background ? settings.refreshEvery : 0,
    freshFor,
    readTimeout: settings.readTimeout,
    onRead: () => {
      warnOfMismatch();
    },
    onReadFailure: (error) => {
      warn(readWarning(error, watcher.snapshot !== undefined));
    },
    onPushFailure: (error) => {
      const isForGood = isIntermissionError(error) && error.code === "push-unavailable";
      warn(pushWarning(error, settings), isForGood ? error.message : undefined);
    },
    onNotice: (notice) => {
      warn(noticeWarning(notice), notice);
    },
  });

  const report = createReportLoader({
    settings,
    reports: background ? store.reports : undefined,
    role,
    instanceRelease,
    watcher,
    clock,
    warn,
  });
  // The reporter loads first: nothing is masked without the page, so every masked error is counted.
  const pages = createPageLoader(settings, clock, warn, report.load);
  const events = createEvents((error) => {
    warn(listenerWarning(error));
  });
  const bypass = createBypass(app);
  const { judge, replacementFor, page, skips, warnOf, mismatchFor, warnOfMismatch, hidden } = createJudge({
    settings,
    instanceRelease,
    isProxy: role === "proxy",
    watcher,
    clock,
    bypass,
    pages,
    report,
    events,
    storePlace: () => store.place,
    warn,
  });
  const rehearse = createLazyRehearsal({
    settings,
    isProxy: role === "proxy",
    instanceRelease,
    watcher,
    clock,
    pages,
    page,
    skips,
  });
  const gate = createGate({ settings, watcher, clock, bypass, pages, skips, events, rehearse });

  const operations = createLazyOperations({
    settings,
    instanceRelease,
    store,
    clock,
    by,
    onWritten: async () => {
      if (watching) await watcher.refreshAnew();
    },
  });
  const isNotifying = watching && background && settings.webhook.length > 0;
  const notifier = isNotifying ? loadNotifier() : undefined;
  async function loadNotifier(): Promise<{ close(): void } | undefined> {
    try {
      const { startNotifier } = await import("../notify/instance.ts");
      return await startNotifier({ settings, store, clock, hidden, instanceRelease, known, warn });
    } catch (error) {
      warn({ code: "notify-failed", message: `Nobody is told by webhooks: ${reasonOf(error)}`, error });
      return undefined;
    }
  }
  function known(): Known | undefined {
    const { snapshot } = watcher;
    return snapshot && { state: snapshot.state, now: clock.now() + snapshot.storeOffset };
  }
  let forgetHangup: (() => void) | undefined;
  /** For deploys in place, which replace the code under a running process. */
  function readReleaseAnew(): void {
    try {
      ownRelease = resolveSettings(options, environment).release?.id ?? ownRelease;
    } catch (error) {
      warn({ code: "no-instance-release", message: reasonOf(error), error });
    }
  }
  let firstRead: Promise<void> | undefined;
  if (watching) {
    if (background) firstRead = watcher.start();
    void pages.load();
    if (ownRelease === undefined) warnOf("no-instance-release");
  }
  if (watching && role !== "proxy") {
    const doubt = settings.release && doubtfulReleaseWarning(settings.release);
    if (doubt !== undefined) warn(doubt);
    if (settings.releaseFile !== undefined) forgetHangup = onHangup(readReleaseAnew);
  }

  return {
    ...operations,
    settings,
    async ready() {
      await Promise.all([firstRead ?? watcher.refresh(), pages.load()]);
    },
    async decide(facts = {}) {
      return judge({ status: 500, ...facts });
    },
    health() {
      const { snapshot, failing } = watcher;
      const current = snapshot && currentRelease(snapshot.state)?.id;
      const isKnown = current !== undefined && ownRelease !== undefined;
      return {
        storeUp: failing || snapshot !== undefined ? !failing : undefined,
        snapshotAge: snapshot && clock.now() - snapshot.sentAt,
        releaseMatches: isKnown ? current === ownRelease : undefined,
        mismatchFor: mismatchFor(),
      };
    },
    listen: events.listen,
    originalStatus: readOriginalStatus,
    signOff: report.signOff,
    signOn: report.signOn,
    represent: report.represent,
    async close() {
      pages.close();
      forgetHangup?.();
      void notifier?.then((started) => started?.close());
      await Promise.all([watcher.close(), report.close()]);
      if (store !== settings.store) await store.close();
    },
    replacementFor,
    get gated() {
      const { snapshot } = watcher;
      if (snapshot === undefined) return false;
      const { mode, rehearsals } = snapshot.state;
      if (mode !== "auto" && !settings.observe) return true;
      if (rehearsals === undefined) return false;
      const now = clock.now() + snapshot.storeOffset;
      return rehearsals.some(({ expiresAt }) => now < expiresAt);
    },
    gate,
    page,
    get known() {
      return known();
    },
    warn,
  };
}

/** Few processes write to a store, so the code for it is loaded on first use. */
function createLazyOperations(options: OperationsOptions): StoreOperations {
  let loading: Promise<StoreOperations> | undefined;
  async function load(): Promise<StoreOperations> {
    loading ??= import("./store-operations.ts").then(({ createOperations }) => createOperations(options));
    return loading;
  }
  return {
    status: async () => (await load()).status(),
    createRelease: async (...parameters) => (await load()).createRelease(...parameters),
    rollback: async (...parameters) => (await load()).rollback(...parameters),
    releases: async () => (await load()).releases(),
    openDeploy: async (...parameters) => (await load()).openDeploy(...parameters),
    renewDeploy: async (...parameters) => (await load()).renewDeploy(...parameters),
    closeDeploy: async (...parameters) => (await load()).closeDeploy(...parameters),
    switchOn: async (...parameters) => (await load()).switchOn(...parameters),
    switchOff: async (...parameters) => (await load()).switchOff(...parameters),
    history: async () => (await load()).history(),
  };
}

/** @param onFailure Gets what a listener threw. Must not throw. */
export function createEvents(onFailure: (error: unknown) => void): Events {
  // Replaced on each change: a listener may come or go while others are called.
  let listeners: readonly { readonly listener: Listener }[] = [];

  return {
    get active() {
      return listeners.length > 0;
    },
    listen(listener) {
      // A separate object, so that the same listener can be added twice.
      const entry = { listener };
      listeners = [...listeners, entry];
      return () => {
        listeners = listeners.filter((other) => other !== entry);
      };
    },
    emit(event) {
      for (const { listener } of listeners) {
        try {
          const returned: unknown = listener(event);
          // An async listener's rejection would otherwise go unhandled.
          if (returned instanceof Promise) returned.catch(onFailure);
        } catch (error) {
          onFailure(error);
        }
      }
    },
  };
}

/** What an adapter takes: its own options, or a shared intermission that its maker closes. */
export type AdapterOptions = IntermissionOptions | { readonly intermission: Intermission };

export function intermissionFrom(options: AdapterOptions = {}): Intermission {
  return isShared(options) ? options.intermission : createIntermission(options);
}

/**
 * Whether an adapter's intermission is closed by its maker. If not, it is closed with the app, if the app
 * says so.
 */
export function isShared(options: AdapterOptions = {}): options is { readonly intermission: Intermission } {
  return "intermission" in options;
}
