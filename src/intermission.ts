import { systemClock } from "./core/clock.ts";
import { decide, type Facts, type Verdict } from "./core/decide.ts";
import type { Environment } from "./core/instance-release.ts";
import type { DeployStatus, Intermission } from "./core/intermission.ts";
import type { IntermissionOptions } from "./core/options.ts";
import type { Clock, Page, Visit } from "./core/ports.ts";
import { resolveSettings, type Settings } from "./core/settings.ts";
import { currentRelease, type OpenDeploy } from "./core/state.ts";
import {
  callbackWarning,
  createWarner,
  pageWarning,
  pushWarning,
  readWarning,
  reportWarning,
  templateWarning,
  verdictWarning,
} from "./core/warnings.ts";
import { createOperations } from "./operations.ts";
import { loadTemplate } from "./page-template.ts";
import type { Reporter } from "./reports/reporter.ts";
import { openStore } from "./stores/open.ts";
import { readState } from "./stores/update.ts";
import { createWatcher } from "./stores/watcher.ts";

/** What an intermission is given from outside beside its options. */
export interface Surroundings {
  readonly environment?: Environment;
  readonly clock?: Clock;
  /** False: for a command that asks once and ends. */
  readonly watching?: boolean;
  /** Who is at work, for the history. */
  readonly by?: string;
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
    by = "the app",
  }: Surroundings = {},
): Intermission {
  const settings = resolveSettings(options, environment);
  const { app, freshFor } = settings;
  const instanceRelease = settings.release?.id;
  const template = loadTemplate(settings.template);
  const warn = createWarner(settings, clock);
  const store = typeof settings.store === "string" ? openStore(settings.store) : settings.store;

  const watcher = createWatcher({
    store,
    app,
    clock,
    refreshEvery: settings.refreshEvery,
    freshFor,
    readTimeout: settings.readTimeout,
    onReadFailure: (error) => {
      warn(readWarning(error, watcher.snapshot !== undefined));
    },
    onPushFailure: (error) => {
      warn(pushWarning(error, settings));
    },
  });

  let pages: Pages | undefined;
  let loading: Promise<void> | undefined;
  let reporter: Reporter | undefined;
  let closed = false;

  /**
   * The page's code is as large as all the rest, and nothing asks for it before the first error: with the reporter's it
   * is loaded when the app has started, not while it does.
   */
  function load(): Promise<void> {
    // Without a page nothing is masked: so what is, is counted.
    loading ??= loadReporter().then(loadPages);
    return loading;
  }

  function loadPages(): Promise<void> {
    return import("./page/index.ts").then(
      ({ createPages }) => {
        pages = createPages({
          statusCode: settings.statusCode,
          retryAfter: settings.retryAfter,
          ...(template === undefined ? {} : { template }),
          onFailure: (error) => {
            warn(templateWarning(error));
          },
        });
      },
      (error: unknown) => {
        warn(pageWarning(error));
        pages = () => plainPage(settings);
      },
    );
  }

  async function loadReporter(): Promise<void> {
    const { reports } = store;
    if (!watching || !settings.report || reports === undefined) return;
    const startedAt = clock.now();
    try {
      const { createReporter } = await import("./reports/reporter.ts");
      if (closed) return;
      reporter = createReporter({
        reports,
        app,
        clock,
        startedAt,
        storeOffset: () => watcher.snapshot?.storeOffset ?? 0,
        isRecorded: () => (watcher.snapshot?.version ?? 0) > 0,
        name: settings.instance,
        release: instanceRelease,
        onFailure: (error, given) => {
          warn(reportWarning(error, given));
        },
      });
    } catch (error) {
      warn(reportWarning(error, "up"));
    }
  }

  function verdictAt(now: number, facts: Facts): Verdict {
    const snapshot = watcher.snapshot;
    return decide(settings, instanceRelease, snapshot?.state, facts, now + (snapshot?.storeOffset ?? 0));
  }

  function judge(facts: Facts): Verdict | Promise<Verdict> {
    const now = clock.now();
    const verdict = verdictAt(now, facts);
    if (verdict.reason === "exempt") return verdict;
    if (verdict.verdict === "maintenance") {
      // What this instance was started with, no store can change.
      if (!settings.manual) watcher.refreshBehind(now);
      return withPages(verdict);
    }
    const freshened = watcher.freshen(now);
    if (freshened === undefined) return warned(verdict);
    return freshened.then(() => withPages(warned(verdictAt(clock.now(), facts))));
  }

  function withPages(verdict: Verdict): Verdict | Promise<Verdict> {
    if (pages !== undefined || verdict.verdict === "regular") return verdict;
    return load().then(() => verdict);
  }

  function warned(verdict: Verdict): Verdict {
    const warning = verdictWarning(verdict.reason, settings);
    if (warning === undefined) return verdict;
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
  if (watching) {
    firstRead = watcher.start();
    void load();
  }
  if (watching && instanceRelease === undefined)
    warned({ verdict: "regular", reason: "no-instance-release" });

  return {
    ...operations,
    settings,
    async ready() {
      await Promise.all([firstRead ?? watcher.refresh(), load()]);
    },
    async decide(facts = {}) {
      return judge({ status: 500, ...facts });
    },
    async status() {
      const { state, now } = await readState({ store, app, clock });
      return {
        app,
        instanceRelease: instanceRelease ?? null,
        currentRelease: currentRelease(state)?.id ?? null,
        mode: settings.manual && state.mode === "auto" ? "errors" : state.mode,
        ...decide(settings, instanceRelease, state, { status: 500 }, now),
        deploy: state.deploy === undefined ? null : toDeployStatus(state.deploy, now),
      };
    },
    async close() {
      closed = true;
      await Promise.all([watcher.close(), reporter?.close()]);
      if (store !== settings.store) await store.close();
    },
    judge,
    page: (visit) => (pages === undefined ? plainPage(settings) : pages(visit)),
    masked(masked) {
      if (settings.onMasked === undefined && reporter === undefined) return;
      const state = watcher.snapshot?.state;
      const told = { ...masked, instanceRelease, currentRelease: state && currentRelease(state)?.id };
      reporter?.count(told);
      try {
        settings.onMasked?.(told);
      } catch (error) {
        warn(callbackWarning("onMasked", error));
      }
    },
    skips(request) {
      if (settings.skip === undefined) return false;
      try {
        return settings.skip(request);
      } catch (error) {
        warn(callbackWarning("skip", error));
        return false;
      }
    },
    warn,
  };
}

/** What an adapter takes: options of its own, or an intermission that its maker shares and closes. */
export type AdapterOptions = IntermissionOptions | { readonly intermission: Intermission };

export function intermissionFrom(options: AdapterOptions = {}): Intermission {
  return "intermission" in options ? options.intermission : createIntermission(options);
}

function toDeployStatus({ release, by, openedAt, leaseUntil }: OpenDeploy, now: number): DeployStatus {
  return {
    release,
    by: by ?? null,
    openedAt,
    leaseUntil,
    leaseLeft: Math.max(0, Math.round(leaseUntil - now)),
  };
}

type Pages = (visit: Visit) => Page;

/** What is left to say when the page's code can't even be loaded. */
function plainPage({ statusCode, retryAfter }: Settings): Page {
  return {
    status: statusCode,
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "cache-control": "no-store",
      "retry-after": String(retryAfter),
    },
    body: new TextEncoder().encode("We will be right back. Please try again in a moment.\n"),
  };
}

function processEnvironment(): Environment {
  // Workers and browsers have no process.
  return (globalThis as { readonly process?: { readonly env?: Environment } }).process?.env ?? {};
}
