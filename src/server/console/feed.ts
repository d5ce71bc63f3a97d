import { isIntermissionError, reasonOf } from "../../core/errors.ts";
import type { Clock, Store } from "../../core/ports.ts";
import type { Settings } from "../../core/settings/resolve.ts";
import { currentRelease, decodeState, emptyState, startOf, type State } from "../../core/state/state.ts";
import { readReports, type SeenInstance } from "../../reports/instances.ts";
import { toFindings, type Finding } from "./findings.ts";
import { toOverview, type Overview } from "./overview.ts";

/** The last read. */
export interface Look {
  /** undefined: nothing was ever read. */
  readonly overview: Overview | undefined;
  /** The store's time, in milliseconds since 1970; if it has no clock, this process's. */
  readonly now: number;
  /** Why the store can't be read now, in a sentence. undefined: it can. */
  readonly problem: string | undefined;
  /** What instances reported since the current release became current, and at least in the last hour. */
  readonly reports: readonly SeenInstance[];
  /** Of a time before this, they don't say all. */
  readonly reportsSince: number;
  readonly findings: readonly Finding[];
}

/** One read of the store for everybody who views the console. */
export interface Feed {
  /** The store's state, at most half a second old. Never rejects. */
  look(): Promise<Look>;
  /** Calls back after each read, until the returned function is called. */
  follow(seen: (look: Look) => void): () => void;
  /**
   * All that instances reported, as far as the store keeps it: at most five seconds old. Empty: it can't be
   * read.
   */
  archive(): Promise<readonly SeenInstance[]>;
  /** Call after a write from here. */
  changed(): void;
  close(): void;
}

/** Milliseconds. However many people watch, the record is not read more often than this. */
const leastBetween = 500;
/**
 * While somebody watches: the record, the record of a store that has pushed a change, the reports.
 * Milliseconds.
 */
const recordEvery = 1000;
const pushedRecordEvery = 5000;
const reportsEvery = 5000;
/** Reports that began before what is shown did may end in it. Milliseconds. */
const reportsMargin = 120_000;
const hour = 3_600_000;

export function createFeed({
  store,
  settings,
  clock,
}: {
  readonly store: Store;
  readonly settings: Settings;
  readonly clock: Clock;
}): Feed {
  const { app } = settings;
  const followers = new Set<(look: Look) => void>();
  let state: State | undefined;
  let version: number | undefined;
  let start: string | undefined;
  let reports: readonly SeenInstance[] | undefined;
  let reportsAt = Number.NEGATIVE_INFINITY;
  let archived: { readonly at: number; readonly reports: Promise<readonly SeenInstance[]> } | undefined;
  let last: Look = {
    overview: undefined,
    now: 0,
    problem: undefined,
    reports: [],
    reportsSince: 0,
    findings: [],
  };
  let lastAt = Number.NEGATIVE_INFINITY;
  let looking: Promise<Look> | undefined;
  let cancelNext: (() => void) | undefined;
  let pushing: Promise<(() => Promise<void>) | undefined> | undefined;
  /** It has called back: one that was opened by URL takes a listener even if it can't push. */
  let isPushed = false;
  /** A change was announced, and no read has begun since. */
  let isOverdue = false;
  let closed = false;

  async function read(): Promise<Look> {
    isOverdue = false;
    try {
      const record = await store.read(app, version, start);
      if (record.unchanged !== true || state === undefined) {
        state = record.value === undefined ? emptyState : decodeState(record.value);
        version = record.value === undefined ? undefined : record.version;
        start = record.value === undefined ? undefined : startOf(record.value);
      }
      const now = record.now ?? clock.now();
      const since = Math.min(now - hour, currentRelease(state)?.at ?? now);
      await readFleet(now - since);
      const overview = toOverview(app, state, reports, now);
      const findings = toFindings(overview, {
        settings,
        place: store.place,
        notice: record.notice,
        drift: record.now === undefined ? 0 : record.now - clock.now(),
        now,
      });
      return { overview, now, problem: undefined, reports: reports ?? [], reportsSince: since, findings };
    } catch (error) {
      const problem = isIntermissionError(error) ? error.message : reasonOf(error);
      return { ...last, problem };
    }
  }

  async function readFleet(ago: number): Promise<void> {
    if (store.reports === undefined || clock.now() - reportsAt < reportsEvery) return;
    reportsAt = clock.now();
    // Without the right to read reports, everything else is still shown.
    const found = await readReports(store.reports, app, ago + reportsMargin).catch(() => undefined);
    reports = found?.reports;
  }

  function look(): Promise<Look> {
    if (clock.now() - lastAt < leastBetween) return Promise.resolve(last);
    looking ??= read().then((seen) => {
      looking = undefined;
      last = seen;
      lastAt = clock.now();
      for (const follower of followers) follower(seen);
      return seen;
    });
    return looking;
  }

  function archive(): Promise<readonly SeenInstance[]> {
    if (store.reports === undefined) return Promise.resolve([]);
    if (archived !== undefined && clock.now() - archived.at < reportsEvery) return archived.reports;
    const found = readReports(store.reports, app)
      .then((read) => read.reports)
      .catch(() => []);
    archived = { at: clock.now(), reports: found };
    return found;
  }

  function schedule(milliseconds: number): void {
    cancelNext?.();
    cancelNext = undefined;
    if (closed || followers.size === 0) return;
    cancelNext = clock.after(milliseconds, () => {
      void look().then(() => {
        if (isOverdue) soon();
        else schedule(isPushed ? pushedRecordEvery : recordEvery);
      });
    });
  }

  function soon(): void {
    isOverdue = true;
    schedule(Math.max(0, Math.ceil(lastAt + leastBetween - clock.now())));
  }

  function listen(): void {
    pushing ??= (async () => {
      try {
        return await store.watch?.(app, () => {
          isPushed = true;
          soon();
        });
      } catch {
        return undefined;
      }
    })();
  }

  function stopListening(): void {
    const ending = pushing;
    pushing = undefined;
    isPushed = false;
    void ending?.then((stop) => stop?.()).catch(() => undefined);
  }

  return {
    look,
    archive,
    follow(seen) {
      followers.add(seen);
      listen();
      soon();
      return () => {
        followers.delete(seen);
        if (followers.size > 0) return;
        cancelNext?.();
        cancelNext = undefined;
        stopListening();
      };
    },
    changed() {
      lastAt = Number.NEGATIVE_INFINITY;
      soon();
    },
    close() {
      closed = true;
      followers.clear();
      cancelNext?.();
      stopListening();
    },
  };
}
