import type { Representative } from "../core/intermission.ts";
import type { Clock, ReportStore } from "../core/ports.ts";
import { isIntermissionError } from "../core/errors.ts";
import { withTimeLimit } from "../core/time-limit.ts";
import { onBeforeExit } from "./before-exit.ts";
import { createCounts } from "./counts.ts";
import { encodeReport, silentAfter, type InstanceReport } from "./report.ts";
import { createSteps } from "./steps.ts";
import { version } from "./version.ts";

export interface ReporterOptions {
  readonly reports: ReportStore;
  readonly app: string;
  readonly clock: Clock;
  /** By the clock. */
  readonly startedAt: number;
  /** Clock's time + this = store's time. Milliseconds. */
  readonly storeOffset: () => number;
  /**
   * Whether anything is recorded for the app. If not, there is nothing to compare with, and nothing is put.
   */
  readonly isRecorded: () => boolean;
  /** Whether another release than this instance's is current. */
  readonly isBehind: () => boolean;
  readonly name: string | undefined;
  readonly role?: InstanceReport["role"] | undefined;
  /** undefined: unknown. */
  readonly release: () => string | undefined;
  readonly observing: boolean;
  /** Whether masked errors are told apart by route. @default true */
  readonly routes?: boolean | undefined;
  /**
   * Called on the first of several failures in a row. `give up`: the store refuses reports. Must not throw.
   */
  readonly onFailure: (error: unknown, next: "give up" | "retry") => void;
}

/** Reports this instance to the store: what it runs, and what was masked. Nothing rejects or throws. */
export interface Reporter extends Representative {
  /** Puts a last report now, and none after it until {@link Reporter.signOn}. */
  signOff(): void;
}

/**
 * Milliseconds from the start to the first report; spread, so that a deploy's instances don't report at once.
 */
const firstAfter = { minimum: 1000, maximum: 3000 };
/** Milliseconds between two reports; spread, so that instances don't keep reporting together. */
const putEvery = { minimum: 15_000, maximum: 16_500 };
/**
 * How long a report is kept: without masked errors, until its instance surely counts as gone. Milliseconds.
 */
const keepSilent = silentAfter + 30_000;
/** So that a deploy's page still knows when its errors became visible, and which instances it replaced. */
const keepRegular = 3_600_000;
const keepBehind = 86_400_000;
const keepMasked = 30 * 86_400_000;
/** How long an app's shutdown waits for its last report. Milliseconds. */
const closeWithin = 1000;
/** A store that is down has its own warning. From this many failures in a row, something else is wrong. */
const worthAWarning = 3;

export function createReporter(options: ReporterOptions): Reporter {
  const { reports, app, clock, startedAt, storeOffset, isRecorded, isBehind, onFailure } = options;
  const { name, role, release, observing } = options;
  const counts = createCounts(options.routes);
  const maskedSteps = createSteps();
  const regularSteps = createSteps();
  let hasRegular = false;
  const { host, pid } = findProcess();
  let id: string | undefined;
  let cancelNext: (() => void) | undefined;
  let putting: Promise<void> | undefined;
  let failures = 0;
  let refused = false;
  let closed = false;
  let idle = false;

  function schedule({ minimum, maximum }: { readonly minimum: number; readonly maximum: number }): void {
    if (closed || refused || idle) return;
    const delay = minimum + (maximum - minimum) * clock.random();
    try {
      cancelNext = clock.after(delay, report);
    } catch {
      // This runtime has no timers here, so this instance is not reported.
    }
  }

  function report(): void {
    if (!isRecorded()) {
      schedule(firstAfter);
      return;
    }
    putting = put(false).then(() => {
      putting = undefined;
      schedule(putEvery);
    });
  }

  async function put(stopped: boolean): Promise<void> {
    try {
      // Not earlier: some runtimes provide no random numbers until the first request.
      id ??= globalThis.crypto.randomUUID();
      const value = encodeReport({
        name: name ?? (host === null || pid === null ? null : `${host}-${String(pid)}`),
        ...(role === undefined ? {} : { role }),
        host,
        pid: role === "upstream" ? null : pid,
        release: release() ?? null,
        version,
        startedAt: Math.round(startedAt + storeOffset()),
        stopped,
        ...(observing ? { observing } : {}),
        masked: counts.kinds(),
        ...(counts.total === 0 && !hasRegular
          ? {}
          : { steps: { masked: maskedSteps.encode(), regular: regularSteps.encode() } }),
      });
      await reports.put(app, id, value, keepFor());
      failures = 0;
    } catch (error) {
      failures++;
      refused = isIntermissionError(error) && error.code === "store-denied";
      if (closed) return;
      if (refused) onFailure(error, "give up");
      else if (failures === worthAWarning) onFailure(error, "retry");
    }
  }

  function keepFor(): number {
    if (counts.total > 0) return keepMasked;
    return isBehind() ? keepBehind : hasRegular ? keepRegular : keepSilent;
  }

  async function putLast(): Promise<void> {
    const hasSomethingToSay = id !== undefined || counts.total > 0;
    if (!hasSomethingToSay || refused || failures >= worthAWarning || !isRecorded()) return;
    // A put in flight must not arrive after the last one.
    const last = (putting ?? Promise.resolve()).then(() => put(true));
    await withTimeLimit(clock, closeWithin, last).catch(() => undefined);
  }

  schedule(firstAfter);
  // Most apps close nothing when they exit, and with `auto` there is nothing for them to close. If the
  // process goes on after all, the next report says so.
  const stayUnnoticed = onBeforeExit(() => void putLast());

  return {
    count(masked) {
      if (refused) return;
      const at = Math.round(clock.now() + storeOffset());
      counts.add(masked, at);
      maskedSteps.add(at);
    },
    countRegular() {
      if (refused) return;
      hasRegular = true;
      regularSteps.add(clock.now() + storeOffset());
    },
    signOff() {
      if (idle || closed) return;
      idle = true;
      cancelNext?.();
      void putLast();
    },
    signOn() {
      if (!idle) return;
      idle = false;
      schedule(firstAfter);
    },
    async close() {
      if (closed) return;
      closed = true;
      stayUnnoticed();
      cancelNext?.();
      await putLast();
    },
  };
}

interface NodeProcess {
  readonly pid?: unknown;
  readonly getBuiltinModule?: (name: string) => { hostname(): string } | undefined;
}

/** Workers and browsers have neither. */
function findProcess(): { readonly host: string | null; readonly pid: number | null } {
  try {
    const { process } = globalThis as { readonly process?: NodeProcess };
    const host = process?.getBuiltinModule?.("node:os")?.hostname().slice(0, 127) ?? null;
    return { host, pid: typeof process?.pid === "number" ? process.pid : null };
  } catch {
    return { host: null, pid: null };
  }
}
