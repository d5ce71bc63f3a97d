import type { Representative } from "../core/intermission.ts";
import type { MaskedError, Warning } from "../core/settings/options.ts";
import type { Clock, ReportStore } from "../core/ports.ts";
import type { Settings } from "../core/settings/resolve.ts";
import { reportWarning } from "../core/warnings.ts";
import type { InstanceReport } from "../reports/report.ts";
import type { Reporter } from "../reports/reporter.ts";
import { currentRelease } from "../core/state/state.ts";
import type { Watcher } from "./state/snapshot.ts";

export interface ReportLoaderOptions {
  readonly settings: Settings;
  /** Undefined: the store keeps no reports, or reporting is off. */
  readonly reports: ReportStore | undefined;
  readonly role: InstanceReport["role"];
  readonly instanceRelease: () => string | undefined;
  readonly watcher: Watcher;
  readonly clock: Clock;
  readonly warn: (warning: Warning) => void;
}

/** This instance's reports, whose code is loaded separately. */
export interface ReportLoader {
  /** Never rejects. */
  load(): Promise<void>;
  /** Counts an error. Does nothing until loaded. */
  count(masked: MaskedError): void;
  countRegular(): void;
  /** Like {@link Reporter.signOff}. */
  signOff(): void;
  signOn(): void;
  /** Lists another instance. It is not reported before {@link ReportLoader.load}. */
  represent(instance: { readonly name: string; readonly release: string }): Representative;
  close(): Promise<void>;
}

/** Names an instance in reports. */
interface Identity {
  readonly name: string | undefined;
  readonly role: InstanceReport["role"];
  readonly release: () => string | undefined;
  readonly startedAt: number;
}

const unreported: Representative = {
  count() {},
  countRegular() {},
  signOff() {},
  signOn() {},
  close: () => Promise.resolve(),
};

export function createReportLoader(options: ReportLoaderOptions): ReportLoader {
  const { settings, reports, role, instanceRelease, watcher, clock, warn } = options;
  const startedAt = clock.now();
  const represented = new Set<Reporter>();
  const closing = new Set<Promise<void>>();
  let report: ((identity: Identity) => Reporter) | undefined;
  let reporter: Reporter | undefined;
  let closed = false;

  function isBehind(release: string | undefined): boolean {
    const current = watcher.snapshot && currentRelease(watcher.snapshot.state)?.id;
    return release !== undefined && current !== undefined && release !== current;
  }

  return {
    async load() {
      if (reports === undefined || !settings.report) return;
      try {
        const { createReporter } = await import("../reports/reporter.ts");
        if (closed) return;
        report = (identity) =>
          createReporter({
            reports,
            app: settings.app,
            clock,
            storeOffset: () => watcher.snapshot?.storeOffset ?? 0,
            isRecorded: () => (watcher.snapshot?.version ?? 0) > 0,
            isBehind: () => isBehind(identity.release()),
            observing: settings.observe,
            routes: settings.reportRoutes,
            onFailure: (error, next) => {
              warn(reportWarning(error, next));
            },
            ...identity,
          });
        reporter = report({ name: settings.instance, role, release: instanceRelease, startedAt });
      } catch (error) {
        warn(reportWarning(error, "give up"));
      }
    },
    count(masked) {
      reporter?.count(masked);
    },
    countRegular() {
      reporter?.countRegular();
    },
    signOff() {
      reporter?.signOff();
    },
    signOn() {
      reporter?.signOn();
    },
    represent({ name, release }) {
      if (report === undefined || closed) return unreported;
      const other = report({ name, role: "upstream", release: () => release, startedAt: clock.now() });
      represented.add(other);
      return {
        ...other,
        async close() {
          represented.delete(other);
          const closed = other.close();
          closing.add(closed);
          await closed;
          closing.delete(closed);
        },
      };
    },
    async close() {
      closed = true;
      await Promise.all([...closing, ...[reporter, ...represented].map((each) => each?.close())]);
    },
  };
}
