import type { Clock, ReportStore } from "../../core/ports.ts";
import { isRelease } from "../../core/release.ts";
import { readInstances } from "../../reports/instances.ts";
import { silentAfter } from "../../reports/report.ts";

/** The releases of the instances that report themselves, read in the background. */
export interface RunningReleases {
  /**
   * The recorded releases that an instance runs, or ran up to a minute ago. Undefined: no instance reports
   * one, or reports can't be read.
   */
  readonly seen: ReadonlySet<string> | undefined;
  /** Resolves after the first read, its failure, or a second. */
  start(): Promise<void>;
  close(): void;
}

export interface RunningReleasesOptions {
  /** Undefined: the store keeps no reports. */
  readonly reports: ReportStore | undefined;
  readonly app: string;
  /**
   * Whether a release is in the record. Others don't count: whoever may report must not be able to turn the
   * page on with a release that no deploy recorded.
   */
  readonly isRecorded: (release: string) => boolean;
  readonly clock: Clock;
}

/** Milliseconds between two reads. Instances report every 15 seconds. */
const readEvery = 5000;
/** A store that does not answer must not prevent the start. Milliseconds. */
const startWithin = 1000;
/** How long a read stays useful. Milliseconds. */
const validFor = 60_000;

/** A stopped instance still has requests in flight, and the proxy learns later that it is gone. */
const lingers = silentAfter;

export function createRunningReleases({
  reports,
  app,
  isRecorded,
  clock,
}: RunningReleasesOptions): RunningReleases {
  const lastSeen = new Map<string, number>();
  let readAt = Number.NEGATIVE_INFINITY;
  let cancel: (() => void) | undefined;
  let closed = false;

  async function read(from: ReportStore): Promise<void> {
    try {
      const { instances } = await readInstances(from, app);
      const now = clock.now();
      for (const { release, role } of instances) {
        if (role !== "proxy" && release !== null && isRelease(release)) lastSeen.set(release, now);
      }
      for (const [release, at] of lastSeen) if (now - at > lingers) lastSeen.delete(release);
      readAt = now;
    } catch {
      // Reading the record already warns if the store is down; the last result stays valid a while.
    }
    if (!closed) cancel = clock.after(readEvery, () => void read(from));
  }

  return {
    get seen() {
      if (clock.now() - readAt >= validFor) return undefined;
      const seen = [...lastSeen.keys()].filter(isRecorded);
      return seen.length === 0 ? undefined : new Set(seen);
    },
    async start() {
      if (reports === undefined) return;
      await new Promise<void>((resolve) => {
        const cancelWaiting = clock.after(startWithin, resolve, { ref: true });
        void read(reports).then(() => {
          cancelWaiting();
          resolve();
        });
      });
    },
    close() {
      closed = true;
      cancel?.();
    },
  };
}
