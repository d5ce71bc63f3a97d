import type { MaskedError, Warning } from "../core/settings/options.ts";
import type { Clock, ReportStore } from "../core/ports.ts";
import type { Settings } from "../core/settings/resolve.ts";
import { reportWarning } from "../core/warnings.ts";
import type { InstanceReport } from "../reports/report.ts";
import type { Reporter } from "../reports/reporter.ts";
import type { Watcher } from "./state/snapshot.ts";

export interface ReportLoaderOptions {
  readonly settings: Settings;
  /** Undefined: the store keeps none, or nobody is to report. */
  readonly reports: ReportStore | undefined;
  readonly role: InstanceReport["role"];
  readonly instanceRelease: () => string | undefined;
  readonly watcher: Watcher;
  readonly clock: Clock;
  readonly warn: (warning: Warning) => void;
}

/** What this instance reports of itself, whose code is loaded on its own. */
export interface ReportLoader {
  /** Never rejects. */
  load(): Promise<void>;
  /** Counts an error, once it is loaded. */
  count(masked: MaskedError): void;
  /** As {@link Reporter.signOff}. */
  signOff(): void;
  signOn(): void;
  close(): Promise<void>;
}

export function createReportLoader(options: ReportLoaderOptions): ReportLoader {
  const { settings, reports, role, instanceRelease, watcher, clock, warn } = options;
  const startedAt = clock.now();
  let reporter: Reporter | undefined;
  let closed = false;
  return {
    async load() {
      if (reports === undefined || !settings.report) return;
      try {
        const { createReporter } = await import("../reports/reporter.ts");
        if (closed) return;
        reporter = createReporter({
          reports,
          app: settings.app,
          clock,
          startedAt,
          storeOffset: () => watcher.snapshot?.storeOffset ?? 0,
          isRecorded: () => (watcher.snapshot?.version ?? 0) > 0,
          name: settings.instance,
          observing: settings.observe,
          role,
          release: instanceRelease,
          onFailure: (error, next) => {
            warn(reportWarning(error, next));
          },
        });
      } catch (error) {
        warn(reportWarning(error, "give up"));
      }
    },
    count(masked) {
      reporter?.count(masked);
    },
    signOff() {
      reporter?.signOff();
    },
    signOn() {
      reporter?.signOn();
    },
    async close() {
      closed = true;
      await reporter?.close();
    },
  };
}
