import type { Clock, ReportStore } from "../../core/ports.ts";
import { readInstances } from "../../reports/instances.ts";
import { silentAfter } from "../../reports/report.ts";

/** The releases of the instances that report themselves, read in the background. */
export interface RunningReleases {
  /**
   * The releases that an instance runs, or ran up to a minute ago. Undefined: no instance reports itself, or
   * reports can't be read.
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

export function createRunningReleases({ reports, app, clock }: RunningReleasesOptions): RunningReleases {
  const lastSeen = new Map<string, number>();
  let seen: ReadonlySet<string> | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  let cancel: (() => void) | undefined;
  let closed = false;

  async function read(from: ReportStore): Promise<void> {
    try {
      const { instances } = await readInstances(from, app);
      const now = clock.now();
      for (const { release, role } of instances) {
        if (role !== "proxy" && release !== null) lastSeen.set(release, now);
      }
      for (const [release, at] of lastSeen) if (now - at > lingers) lastSeen.delete(release);
      seen = lastSeen.size === 0 ? undefined : new Set(lastSeen.keys());
      readAt = now;
    } catch {
      // Reading the record already warns if the store is down; the last result stays valid a while.
    }
    if (!closed) cancel = clock.after(readEvery, () => void read(from));
  }

  return {
    get seen() {
      return clock.now() - readAt < validFor ? seen : undefined;
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
