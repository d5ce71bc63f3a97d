import { systemClock } from "./core/clock.ts";
import { decide, type Facts, type Verdict } from "./core/decide.ts";
import { IntermissionError } from "./core/errors.ts";
import type { Environment } from "./core/instance-release.ts";
import type { Intermission } from "./core/intermission.ts";
import type { IntermissionOptions } from "./core/options.ts";
import type { Clock, Page, Visit } from "./core/ports.ts";
import { parseRelease } from "./core/release.ts";
import { resolveSettings, type Settings } from "./core/settings.ts";
import { currentRelease, recordRelease, rollBack, type State } from "./core/state.ts";
import {
  callbackWarning,
  createWarner,
  pageWarning,
  pushWarning,
  readWarning,
  templateWarning,
  verdictWarning,
} from "./core/warnings.ts";
import { loadTemplate } from "./page-template.ts";
import { openStore } from "./stores/open.ts";
import { readState, updateState } from "./stores/update.ts";
import { createWatcher } from "./stores/watcher.ts";

/** What an intermission is given from outside beside its options. */
export interface Surroundings {
  readonly environment?: Environment;
  readonly clock?: Clock;
  /** False: for a command that asks once and ends. */
  readonly watching?: boolean;
}

/** `create-release` waits this much longer than snapshots stay fresh, for timers that fire early. Milliseconds. */
const waitMargin = 25;

/**
 * Puts an intermission to work: reads the settings, opens the store and begins to watch it.
 *
 * @throws IntermissionError when an option, an environment variable or the template can't be used. A store that can't
 * be reached is no such error: it is warned of, and asked again.
 */
export function createIntermission(
  options: IntermissionOptions = {},
  { environment = processEnvironment(), clock = systemClock, watching = true }: Surroundings = {},
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

  /**
   * The page's code is as large as all the rest, and nothing asks for it before the first error: it is loaded when the
   * app has started, not while it does.
   */
  function loadPages(): Promise<void> {
    loading ??= import("./page/index.ts").then(
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
    return loading;
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
    return loadPages().then(() => verdict);
  }

  function warned(verdict: Verdict): Verdict {
    const warning = verdictWarning(verdict.reason, settings);
    if (warning !== undefined) warn(warning);
    return verdict;
  }

  /** Until every instance is bound to know what was recorded at the store's time `at`. */
  async function knownEverywhere(at: number, now: number, wait: boolean | number): Promise<void> {
    if (wait === false) return;
    const age = typeof wait === "number" ? wait : Math.max(freshFor, 1000);
    const remaining = at + age + waitMargin - now;
    if (remaining > 0) await new Promise<void>((resume) => clock.after(remaining, resume, { ref: true }));
  }

  const subject = { store, app, clock };
  let firstRead: Promise<void> | undefined;
  if (watching) {
    firstRead = watcher.start();
    void loadPages();
  }
  if (watching && instanceRelease === undefined)
    warned({ verdict: "regular", reason: "no-instance-release" });

  return {
    settings,
    async ready() {
      await Promise.all([firstRead ?? watcher.refresh(), loadPages()]);
    },
    async decide(facts = {}) {
      return judge({ status: 500, ...facts });
    },
    async createRelease(id = instanceRelease, { wait = true } = {}) {
      if (id === undefined) throw noRelease(settings);
      const release = parseRelease(id);
      const { result, before, at } = await updateState(subject, (state, now) =>
        recordRelease(state, release, now),
      );
      const known = watching ? watcher.refreshAnew() : undefined;
      const current = currentRelease(result.state);
      if (result.outcome !== "known") await knownEverywhere(current?.at ?? at, at, wait);
      await known;
      return {
        release,
        outcome: result.outcome,
        currentRelease: current?.id ?? release,
        previousRelease: previousRelease(result.state, before),
      };
    },
    async rollback(id, { wait = true } = {}) {
      const target = id === undefined ? undefined : parseRelease(id);
      const { result, before, at } = await updateState(subject, (state, now) => rollBack(state, target, now));
      const known = watching ? watcher.refreshAnew() : undefined;
      await knownEverywhere(currentRelease(result.state)?.at ?? at, at, wait);
      await known;
      return {
        release: result.id,
        outcome: result.outcome,
        previousRelease: currentRelease(before)?.id ?? result.id,
      };
    },
    async releases() {
      const { state } = await readState(subject);
      return state.releases.toReversed();
    },
    async status() {
      const { state, now } = await readState(subject);
      return {
        app,
        instanceRelease: instanceRelease ?? null,
        currentRelease: currentRelease(state)?.id ?? null,
        mode: settings.manual && state.mode === "auto" ? "errors" : state.mode,
        ...decide(settings, instanceRelease, state, { status: 500 }, now),
      };
    },
    async close() {
      await watcher.close();
      if (store !== settings.store) await store.close();
    },
    judge,
    page: (visit) => (pages === undefined ? plainPage(settings) : pages(visit)),
    masked(masked) {
      if (settings.onMasked === undefined) return;
      const state = watcher.snapshot?.state;
      const current = state && currentRelease(state)?.id;
      try {
        settings.onMasked({ ...masked, instanceRelease, currentRelease: current });
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

function previousRelease(after: State, before: State): string | null {
  return (after === before ? before.releases.at(-2)?.id : currentRelease(before)?.id) ?? null;
}

function noRelease({ releaseVariable }: Settings): IntermissionError {
  return new IntermissionError("no-release", {
    problem: "No release was given",
    expected: `an id, or one in the environment variable ${releaseVariable}`,
    remedy: `For example: intermission create-release v1.1`,
  });
}
