import type { Store } from "../../core/ports.ts";
import { storeClosed } from "../shared/failure.ts";
import { memoryReports } from "./reports.ts";

/**
 * Keeps the record in this process and loses it on exit: for tests, demonstrations and single-process apps
 * that record their own releases. Other processes don't see it.
 */
export function memoryStore(): Store {
  const records = new Map<string, { readonly version: number; readonly value: string }>();
  const watchers = new Map<string, Set<() => void>>();
  let closed = false;

  const refuseWhenClosed = (): void => {
    if (closed) throw storeClosed();
  };

  return {
    async read(app, knownVersion, knownStart = "") {
      refuseWhenClosed();
      const now = Date.now();
      const record = records.get(app);
      if (record === undefined) return { version: 0, now };
      if (record.version === knownVersion && record.value.startsWith(knownStart))
        return { version: record.version, unchanged: true, now };
      return { ...record, now };
    },

    async write(app, value, expectedVersion) {
      refuseWhenClosed();
      if ((records.get(app)?.version ?? 0) !== expectedVersion) return false;
      records.set(app, { version: expectedVersion + 1, value });
      for (const changed of [...(watchers.get(app) ?? [])]) changed();
      return true;
    },

    async watch(app, changed) {
      refuseWhenClosed();
      const watching = watchers.get(app) ?? new Set();
      watchers.set(app, watching);
      // A new function, so that the same callback can watch twice.
      const notify = (): void => {
        changed();
      };
      watching.add(notify);
      return async () => {
        watching.delete(notify);
      };
    },

    reports: memoryReports(refuseWhenClosed),

    async close() {
      closed = true;
      watchers.clear();
    },
  } satisfies Store;
}
