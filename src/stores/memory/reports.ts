import { maximumReports, type ReportStore, type StoredReport } from "../../core/ports.ts";

/** Reports in this process only. */
export function memoryReports(refuseWhenClosed: () => void): ReportStore {
  type Kept = StoredReport & { readonly keepUntil: number };
  const apps = new Map<string, Map<string, Kept>>();

  return {
    async put(app, id, value, keepFor) {
      refuseWhenClosed();
      const now = Date.now();
      const reports = apps.get(app) ?? new Map<string, Kept>();
      apps.set(app, reports);
      // Deleted first, so that it moves to the end: the oldest come first.
      reports.delete(id);
      reports.set(id, { id, value, at: now, keepUntil: now + keepFor });
      for (const [oldId, { keepUntil }] of reports) {
        if (keepUntil <= now || reports.size > maximumReports) reports.delete(oldId);
      }
    },

    async list(app, within = Number.POSITIVE_INFINITY) {
      refuseWhenClosed();
      const now = Date.now();
      const reports = [...(apps.get(app)?.values() ?? [])]
        .filter(({ at, keepUntil }) => keepUntil > now && at >= now - within)
        .map(({ id, value, at }) => ({ id, value, at }));
      return { now, reports: reports.reverse() };
    },
  };
}
