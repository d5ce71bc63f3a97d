import type { ReportStore, Store } from "../../core/ports.ts";
import type { RecordedRelease } from "../../core/state/state.ts";
import { labelOf, readInstances, type SeenInstance } from "../../reports/instances.ts";
import { keepsNoReports } from "../../stores/shared/failure.ts";
import { toMismatchDocument, type Mismatch } from "./mismatch.ts";
import type { Session } from "./session.ts";
import { toIsoTime } from "../terminal/time.ts";

/** The live instances, and what they should run. */
export interface Fleet {
  /** null: none is recorded. */
  readonly currentRelease: string | null;
  /** In the order they became current. */
  readonly releases: readonly RecordedRelease[];
  /** The store's time, in milliseconds since 1970. */
  readonly now: number;
  readonly instances: readonly SeenInstance[];
  /** Proxies have no release, and nobody waits for them. */
  readonly proxies: readonly SeenInstance[];
  /** Those that don't run the current release. */
  readonly behind: readonly SeenInstance[];
}

/** @throws IntermissionError `store-failed`: it keeps no reports, or could not be read. */
export async function readFleet({ intermission, store }: Session): Promise<Fleet> {
  const { app } = intermission.settings;
  const [recorded, { now, instances: seen }] = await Promise.all([
    intermission.releases(),
    readInstances(reportsOf(store), app),
  ]);
  const currentRelease = recorded[0]?.id ?? null;
  const instances = seen.filter(({ role }) => role !== "proxy");
  return {
    currentRelease,
    releases: recorded.toReversed(),
    now,
    instances,
    proxies: seen.filter(({ role }) => role === "proxy"),
    behind: instances.filter(({ release }) => release === null || release !== currentRelease),
  };
}

/** @throws IntermissionError `store-failed` */
export function reportsOf({ reports }: Store): ReportStore {
  if (reports !== undefined) return reports;
  throw keepsNoReports();
}

/** For people: an upstream's address alone does not say on which machine it is. */
export function titleOf(instance: SeenInstance): string {
  const { role, host } = instance;
  return role === "upstream" && host !== null ? `${labelOf(instance)} on ${host}` : labelOf(instance);
}

/** `web-1 (v1.0), web-2 (v1.0) and 3 more`. */
export function listInstances(instances: readonly SeenInstance[], maximum = 5): string {
  const names = instances
    .slice(0, maximum)
    .map((instance) => `${titleOf(instance)} (${instance.release ?? "unknown"})`);
  const more = instances.length - names.length;
  return `${names.join(", ")}${more > 0 ? ` and ${String(more)} more` : ""}`;
}

/** For `--json`. */
export function toDocument(
  app: string,
  { currentRelease, instances, proxies }: Fleet,
  mismatch?: Mismatch,
): Readonly<Record<string, unknown>> {
  return {
    app,
    currentRelease,
    ...(mismatch === undefined ? {} : { mismatch: toMismatchDocument(mismatch) }),
    instances: instances.map((instance) => ({
      name: labelOf(instance),
      host: instance.host,
      pid: instance.pid,
      release: instance.release,
      isCurrent: instance.release !== null && instance.release === currentRelease,
      startedAt: toIsoTime(instance.startedAt),
      lastSeenAt: toIsoTime(instance.lastSeenAt),
      maskedErrors: maskedBy(instance),
      ...(instance.observing === true ? { observing: true } : {}),
      version: instance.version,
    })),
    proxies: proxies.map((proxy) => ({
      name: labelOf(proxy),
      host: proxy.host,
      pid: proxy.pid,
      startedAt: toIsoTime(proxy.startedAt),
      lastSeenAt: toIsoTime(proxy.lastSeenAt),
      maskedErrors: maskedBy(proxy),
      version: proxy.version,
    })),
  };
}

export function maskedBy({ masked }: SeenInstance): number {
  return masked.reduce((sum, { count }) => sum + count, 0);
}
