import type { ReportStore } from "../core/ports.ts";
import { decodeReport, silentAfter, type InstanceReport, type MaskedKind } from "./report.ts";

/** An instance's newest report, and when it came. */
export interface SeenInstance extends InstanceReport {
  readonly id: string;
  /** The store's time, in milliseconds since 1970. */
  readonly lastSeenAt: number;
}

/** What instances put, newest first. Skips invalid reports. */
export async function readReports(
  store: ReportStore,
  app: string,
  within?: number,
): Promise<{ readonly now: number; readonly reports: readonly SeenInstance[] }> {
  const { now, reports } = await store.list(app, within);
  return {
    now,
    reports: reports.flatMap(({ id, value, at }) => {
      const report = decodeReport(value);
      return report === undefined ? [] : [{ ...report, id, lastSeenAt: at }];
    }),
  };
}

/** The instances believed to be alive, by name. */
export async function readInstances(
  store: ReportStore,
  app: string,
): Promise<{ readonly now: number; readonly instances: readonly SeenInstance[] }> {
  const { now, reports } = await readReports(store, app, silentAfter);
  const alive = mergeUpstreams(reports.filter(({ stopped }) => !stopped));
  return { now, instances: alive.toSorted((a, b) => compare(labelOf(a), labelOf(b)) || compare(a.id, b.id)) };
}

/** All workers of one gateway report the same upstreams. */
function mergeUpstreams(reports: readonly SeenInstance[]): readonly SeenInstance[] {
  const merged = new Map<string, SeenInstance & { readonly masked: MaskedKind[] }>();
  for (const report of reports) {
    const { role, host, name, release, id } = report;
    const key = role === "upstream" ? JSON.stringify([host, name, release]) : id;
    const before = merged.get(key);
    // Appended, since copying them with each of many reports would take long.
    const masked = before?.masked ?? [];
    masked.push(...report.masked);
    merged.set(key, {
      ...(before ?? report),
      startedAt: Math.min(before?.startedAt ?? report.startedAt, report.startedAt),
      lastSeenAt: Math.max(before?.lastSeenAt ?? report.lastSeenAt, report.lastSeenAt),
      masked,
    });
  }
  return [...merged.values()];
}

/** An instance's name; if it has none, the start of its id. */
export function labelOf({ name, id }: Pick<SeenInstance, "name" | "id">): string {
  return name ?? id.slice(0, 8);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
