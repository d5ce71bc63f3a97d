import type { Representative } from "../core/intermission.ts";
import type { Clock, ReportStore } from "../core/ports.ts";
import { isIntermissionError } from "../core/errors.ts";
import { withTimeLimit } from "../core/time-limit.ts";
import { onBeforeExit } from "./before-exit.ts";
import { createCounts } from "./counts.ts";
import { encodeReport, silentAfter, type InstanceReport } from "./report.ts";
import { version } from "./version.ts";

export interface ReporterOptions {
  readonly reports: ReportStore;
  readonly app: string;
  readonly clock: Clock;
  /** By the clock. */
  readonly startedAt: number;
  /** Add it to the clock's time to get the store's. Milliseconds. */
  readonly storeOffset: () => number;
  /** Whether anything is recorded for the app. Before, there is nothing to compare with, and nothing is put. */
  readonly isRecorded: () => boolean;
  readonly name: string | undefined;
  readonly role?: InstanceReport["role"] | undefined;
  /** undefined: unknown. */
  readonly release: () => string | undefined;
  readonly observing: boolean;
  /** Called once in a row of failures. `give up`: the store refuses reports. Must not throw. */
  readonly onFailure: (error: unknown, next: "give up" | "retry") => void;
}

/** Tells the store of this instance: what it runs, and what was masked. Nothing of it rejects or throws. */
export interface Reporter extends Representative {
  /** Puts a last report now, and no more before {@link Reporter.signOn}. */
  signOff(): void;
}

/** Milliseconds from the start to the first report: not all instances of a deploy at once. */
const firstAfter = { minimum: 1000, maximum: 3000 };
/** Milliseconds between two reports, at the least, and some so that instances don't report together for ever. */
const putEvery = { minimum: 15_000, maximum: 16_500 };
/** How long a report is kept: one of an instance that masked nothing until it surely counts as gone. Milliseconds. */
const keepSilent = silentAfter + 30_000;
const keepMasked = 30 * 86_400_000;
/** An app that shuts down waits for its last report so long, at the most. Milliseconds. */
const closeWithin = 1000;
/** A store that is away is warned of already. From this many failures in a row on, something else is wrong. */
const worthAWarning = 3;

export function createReporter(options: ReporterOptions): Reporter {
  const { reports, app, clock, startedAt, storeOffset, isRecorded, onFailure } = options;
  const { name, role, release, observing } = options;
  const counts = createCounts();
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
      // A runtime without timers at this point: then this instance is not among the reported.
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
      // Not before: some runtimes give no random numbers until a request has come.
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
      });
      await reports.put(app, id, value, counts.total > 0 ? keepMasked : keepSilent);
      failures = 0;
    } catch (error) {
      failures++;
      refused = isIntermissionError(error) && error.code === "store-denied";
      if (closed) return;
      if (refused) onFailure(error, "give up");
      else if (failures === worthAWarning) onFailure(error, "retry");
    }
  }

  async function putLast(): Promise<void> {
    const hasSomethingToSay = id !== undefined || counts.total > 0;
    if (!hasSomethingToSay || refused || failures >= worthAWarning || !isRecorded()) return;
    // One that is under way must not arrive after the last.
    const last = (putting ?? Promise.resolve()).then(() => put(true));
    await withTimeLimit(clock, closeWithin, last).catch(() => undefined);
  }

  schedule(firstAfter);
  // Most apps close nothing when they end, and with `auto` there is nothing that they could close. If the process goes
  // on after all, the next report says so.
  const stayUnnoticed = onBeforeExit(() => void putLast());

  return {
    count(masked) {
      if (!refused) counts.add(masked, Math.round(clock.now() + storeOffset()));
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
