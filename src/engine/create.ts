import { systemClock } from "../core/clock.ts";
import { createBypass } from "../core/bypass.ts";
import { decide, observe, type Facts, type Verdict } from "../core/decide.ts";
import { createEvents } from "../core/events.ts";
import type { Environment } from "../core/settings/instance-release.ts";
import { toDeployStatus } from "../core/state/deploy-status.ts";
import type { Intermission, RequestFacts } from "../core/intermission.ts";
import { toMaskedError } from "../core/masked-error.ts";
import { toManualStatus } from "../core/state/manual-status.ts";
import type { IntermissionOptions } from "../core/settings/options.ts";
import { noticeOf } from "../core/state/notice.ts";
import type { Clock } from "../core/ports.ts";
import { resolveSettings } from "../core/settings/resolve.ts";
import { isRequestBound } from "../core/runtime.ts";
import { currentRelease } from "../core/state/state.ts";
import { modeAt } from "../core/state/manual.ts";
import {
  callbackWarning,
  createWarner,
  listenerWarning,
  observedWarning,
  pushWarning,
  readWarning,
  verdictWarning,
} from "../core/warnings.ts";
import { createGate } from "./gate.ts";
import { createOperations } from "./operations.ts";
import { createPageLoader } from "./page/loader.ts";
import { createReportLoader } from "./reporter.ts";
import { openStore } from "../stores/open.ts";
import { readState } from "./state/update.ts";
import { createWatcher } from "./state/watcher.ts";

/** What an intermission is given from outside beside its options. */
export interface Surroundings {
  readonly environment?: Environment;
  readonly clock?: Clock;
  /** False: for a command that asks once and ends. */
  readonly watching?: boolean;
  /**
   * False: nothing is begun that no request waits for. It reads the store when an error asks for it.
   * @default whether the runtime has anything like it
   */
  readonly background?: boolean;
  /** Calls back once it is to begin to watch. Left out: that is at once. */
  readonly whenNeeded?: (begin: () => void) => void;
  /** Who is at work, for the history. */
  readonly by?: string;
  /**
   * `proxy`: it judges the errors of instances by their releases, and has none of its own, whatever the environment says.
   * Left out: it is an instance.
   */
  readonly role?: "proxy";
}

/**
 * Puts an intermission to work: reads the settings, opens the store and begins to watch it.
 *
 * @throws IntermissionError when an option, an environment variable or the template can't be used. A store that can't
 * be reached is no such error: it is warned of, and asked again.
 */
export function createIntermission(
  options: IntermissionOptions = {},
  {
    environment = processEnvironment(),
    clock = systemClock,
    watching = true,
    background = watching && !isRequestBound(),
    whenNeeded = (begin) => {
      begin();
    },
    by = "the app",
    role,
  }: Surroundings = {},
): Intermission {
  const settings = resolveSettings(options, environment);
  const { app, freshFor } = settings;
  const instanceRelease = role === "proxy" ? undefined : settings.release?.id;
  const warn = createWarner(settings, clock);
  const store = typeof settings.store === "string" ? openStore(settings.store) : settings.store;

  const watcher = createWatcher({
    store,
    app,
    clock,
    refreshEvery: background ? settings.refreshEvery : 0,
    freshFor,
    readTimeout: settings.readTimeout,
    onReadFailure: (error) => {
      warn(readWarning(error, watcher.snapshot !== undefined));
    },
    onPushFailure: (error) => {
      warn(pushWarning(error, settings));
    },
  });

  const report = createReportLoader({
    settings,
    reports: background ? store.reports : undefined,
    role,
    watcher,
    clock,
    warn,
  });
  // Without a page nothing is masked: so what is, is counted.
  const pages = createPageLoader(settings, clock, warn, report.load);
  const bypass = createBypass(app);
  const events = createEvents(clock, (error) => {
    warn(listenerWarning(error));
  });
  const judge = events.tellVerdicts(judgeQuietly);
  const gate = events.tellClosed(createGate({ settings, watcher, clock, bypass, pages, skips }));

  function skips(request: unknown): boolean {
    if (settings.skip === undefined) return false;
    try {
      return settings.skip(request);
    } catch (error) {
      warn(callbackWarning("skip", error));
      return false;
    }
  }

  function storeNow(): number {
    return clock.now() + (watcher.snapshot?.storeOffset ?? 0);
  }

  function releaseOf({ release }: Pick<RequestFacts, "release">): string | undefined {
    return release === undefined ? instanceRelease : (release ?? undefined);
  }

  function verdictAt(now: number, facts: RequestFacts): Verdict {
    const snapshot = watcher.snapshot;
    return decide(settings, releaseOf(facts), snapshot?.state, facts, now + (snapshot?.storeOffset ?? 0));
  }

  function judgeQuietly(facts: RequestFacts): Verdict | Promise<Verdict> {
    const verdict = verdictAt(clock.now(), facts);
    const key = watcher.snapshot?.state.manual?.key;
    if (verdict.reason !== "manual" || facts.bypass === undefined || key === undefined)
      return pursue(verdict, facts);
    return bypass.verify(facts.bypass, key, storeNow()).then((bypassed) => {
      const known = { ...facts, bypassed };
      return pursue(verdictAt(clock.now(), known), known);
    });
  }

  function pursue(verdict: Verdict, facts: RequestFacts): Verdict | Promise<Verdict> {
    const now = clock.now();
    if (verdict.reason === "exempt") return verdict;
    if (verdict.verdict === "maintenance") {
      // What this instance was started with, no store can change.
      const overdue = settings.manual ? undefined : watcher.refreshBehind(now);
      return overdue?.then(() => judgeAnew(facts)) ?? carryOut(unlessRefused(verdict, facts));
    }
    return watcher.freshen(now)?.then(() => judgeAnew(facts)) ?? warned(verdict);
  }

  function judgeAnew(facts: RequestFacts): Verdict | Promise<Verdict> {
    return carryOut(unlessRefused(warned(verdictAt(clock.now(), facts)), facts));
  }

  /** What the option `mask` leaves of a verdict. */
  function unlessRefused(verdict: Verdict, facts: Facts): Verdict {
    const { mask } = settings;
    if (mask === undefined || verdict.verdict === "regular" || verdict.reason === "manual") return verdict;
    try {
      return mask(facts.error, facts) ? verdict : { verdict: "regular", reason: "not-masked" };
    } catch (error) {
      warn(callbackWarning("mask", error));
      return verdict;
    }
  }

  function carryOut(verdict: Verdict): Verdict | Promise<Verdict> {
    if (settings.observe) return observe(verdict);
    if (pages.loaded || verdict.verdict === "regular") return verdict;
    return pages.load().then(() => verdict);
  }

  function warned(verdict: Verdict): Verdict {
    const warning = verdictWarning(verdict.reason, settings);
    if (warning === undefined || (role === "proxy" && verdict.reason === "no-instance-release"))
      return verdict;
    warn(warning, verdict.reason === "window-passed" ? nameWindow() : undefined);
    return verdict;
  }

  /** Each time that a release becomes current, a window begins. */
  function nameWindow(): string | undefined {
    const state = watcher.snapshot?.state;
    const current = state && currentRelease(state);
    return current && `${current.id} ${String(current.at)}`;
  }

  const operations = createOperations({
    settings,
    store,
    clock,
    by,
    onWritten: async () => {
      if (watching) await watcher.refreshAnew();
    },
  });
  let firstRead: Promise<void> | undefined;
  function begin(): void {
    if (background) firstRead = watcher.start();
    void pages.load();
    if (instanceRelease === undefined) warned({ verdict: "regular", reason: "no-instance-release" });
  }
  if (watching) whenNeeded(begin);

  return {
    ...operations,
    settings,
    async ready() {
      await Promise.all([firstRead ?? watcher.refresh(), pages.load()]);
    },
    async decide(facts = {}) {
      return judge({ status: 500, ...facts });
    },
    async status() {
      const { state, now } = await readState({ store, app, clock });
      const mode = modeAt(state, now);
      const verdict = decide(settings, instanceRelease, state, { status: 500 }, now);
      return {
        app,
        instanceRelease: instanceRelease ?? null,
        currentRelease: currentRelease(state)?.id ?? null,
        mode: settings.manual && mode === "auto" ? "errors" : mode,
        ...(state.mode === "auto" ? {} : { manual: toManualStatus(state.mode, state.manual ?? {}, now) }),
        ...(settings.observe ? observe(verdict) : verdict),
        ...(state.deploy === undefined ? {} : { deploy: toDeployStatus(state.deploy, now) }),
      };
    },
    health() {
      const { snapshot, failing } = watcher;
      const current = snapshot && currentRelease(snapshot.state)?.id;
      const isKnown = current !== undefined && instanceRelease !== undefined;
      return {
        storeUp: failing || snapshot !== undefined ? !failing : undefined,
        snapshotAge: snapshot && clock.now() - snapshot.sentAt,
        releaseMatches: isKnown ? current === instanceRelease : undefined,
      };
    },
    listen: events.listen,
    async close() {
      pages.close();
      await Promise.all([watcher.close(), report.close()]);
      if (store !== settings.store) await store.close();
    },
    judge,
    get gated() {
      return !settings.observe && (watcher.snapshot?.state.mode ?? "auto") !== "auto";
    },
    gate,
    page: (visit, cause = "deploy") =>
      pages.pageFor(visit, cause, noticeOf(watcher.snapshot?.state, cause, storeNow())),
    masked(answer) {
      const state = watcher.snapshot?.state;
      const told = toMaskedError(answer, releaseOf(answer), state && currentRelease(state)?.id);
      report.count(told);
      if (told.observed === true) warn(observedWarning(told));
      try {
        settings.onMasked?.(told);
      } catch (error) {
        warn(callbackWarning("onMasked", error));
      }
      events.emit({ kind: "masked", masked: told });
    },
    get known() {
      return watcher.snapshot && { state: watcher.snapshot.state, now: storeNow() };
    },
    skips,
    warn,
  };
}

/** What an adapter takes: options of its own, or an intermission that its maker shares and closes. */
export type AdapterOptions = IntermissionOptions | { readonly intermission: Intermission };

export function intermissionFrom(options: AdapterOptions = {}): Intermission {
  return isShared(options) ? options.intermission : createIntermission(options);
}

/** Whether an adapter's intermission has a maker who closes it. Else it ends with the app, where the app can say so. */
export function isShared(options: AdapterOptions = {}): options is { readonly intermission: Intermission } {
  return "intermission" in options;
}

function processEnvironment(): Environment {
  // Workers and browsers have no process.
  return (globalThis as { readonly process?: { readonly env?: Environment } }).process?.env ?? {};
}
