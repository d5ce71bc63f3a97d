import type { ReportStore } from "../core/ports.ts";
import { readReports } from "./instances.ts";
import { sumSteps, type Step } from "./steps.ts";
import { isOther, type InstanceReport, type MaskedKind } from "./report.ts";

/** What was hidden, over all instances. Times are the store's, in milliseconds since 1970. */
export interface MaskedSum {
  /** Masked errors, of all kinds. */
  readonly masked: number;
  /** How many instances masked any. */
  readonly instances: number;
  /** null: none was masked. */
  readonly firstAt: number | null;
  readonly lastAt: number | null;
  /** Most frequent first; those that instances did not tell apart come last. */
  readonly kinds: readonly MaskedKind[];
}

/** Which masked errors to count. */
export interface SumOptions {
  /** Only those masked while this release was current. */
  readonly release?: string | undefined;
  /**
   * Only kinds that occurred at this time or later. Instances count from their start: a kind that occurred
   * before and after counts in full.
   */
  readonly since?: number | undefined;
  /** True: only those that were observed, and so seen by visitors. @default false */
  readonly observed?: boolean | undefined;
}

/** Instances report every 15 seconds, so the last report before a moment may be this old. Milliseconds. */
const margin = 20_000;

/**
 * Adds up what instances have masked from a moment on.
 *
 * @param moment `since`: the store's time; `ago`: how long ago that was, in milliseconds.
 */
export async function readMaskedSince(
  store: ReportStore,
  app: string,
  {
    release,
    since,
    ago,
  }: { readonly release: string | undefined; readonly since: number; readonly ago: number },
): Promise<MaskedSum> {
  const { reports } = await readReports(store, app, ago + margin);
  return sumReports(reports, { release, since });
}

/** Adds up what instances masked. */
export function sumReports(
  reports: readonly Pick<InstanceReport, "masked" | "observing">[],
  { release, since = Number.NEGATIVE_INFINITY, observed = false }: SumOptions = {},
): MaskedSum {
  const kinds = new Map<string, MaskedKind & { count: number; firstAt: number; lastAt: number }>();
  let instances = 0;
  for (const { masked, observing } of reports) {
    if ((observing ?? false) !== observed) continue;
    let hasMasked = false;
    for (const kind of masked) {
      if ((release !== undefined && kind.release !== release) || kind.lastAt < since) continue;
      hasMasked = true;
      // No part of a kind that an instance reports has a line break.
      const key = `${kind.release ?? ""}\n${String(kind.status)}\n${kind.route ?? ""}\n${kind.error ?? ""}\n${kind.code ?? ""}`;
      const sum = kinds.get(key);
      if (sum === undefined) {
        kinds.set(key, { ...kind });
        continue;
      }
      sum.count += kind.count;
      sum.firstAt = Math.min(sum.firstAt, kind.firstAt);
      sum.lastAt = Math.max(sum.lastAt, kind.lastAt);
    }
    if (hasMasked) instances++;
  }
  const all = [...kinds.values()];
  return {
    masked: all.reduce((sum, { count }) => sum + count, 0),
    instances,
    firstAt: all.length === 0 ? null : all.reduce((first, kind) => Math.min(first, kind.firstAt), Infinity),
    lastAt: all.length === 0 ? null : all.reduce((last, kind) => Math.max(last, kind.lastAt), -Infinity),
    kinds: all.sort((a, b) => Number(isOther(a)) - Number(isOther(b)) || b.count - a.count),
  };
}

/** When instances had errors, oldest first. */
export interface ErrorSteps {
  readonly hidden: readonly Step[];
  /** Those that visitors saw. */
  readonly regular: readonly Step[];
}

/** Adds up when errors happened. Visitors saw those of instances that only observe. */
export function sumErrors(
  reports: readonly Pick<InstanceReport, "maskedSteps" | "regularSteps" | "observing">[],
): ErrorSteps {
  const steps: { readonly hidden: (readonly Step[])[]; readonly regular: (readonly Step[])[] } = {
    hidden: [],
    regular: [],
  };
  for (const { maskedSteps = [], regularSteps = [], observing } of reports) {
    steps[observing === true ? "regular" : "hidden"].push(maskedSteps);
    steps.regular.push(regularSteps);
  }
  return { hidden: sumSteps(steps.hidden), regular: sumSteps(steps.regular) };
}
