import { deedOf } from "../../core/state/changes.ts";
import { aliveDeploy, type DeployOutcome } from "../../core/state/deploys.ts";
import type { State } from "../../core/state/state.ts";
import { labelOf, type SeenInstance } from "../../reports/instances.ts";
import { silentAfter } from "../../reports/report.ts";
import type { Step } from "../../reports/steps.ts";
import { sumErrors, sumReports, type MaskedSum } from "../../reports/sum.ts";

/** A release that became current, and the deploy that brought it. Times are the store's. */
export interface Rollout {
  /** When it became current, or its deploy began. Its address. */
  readonly at: number;
  readonly release: string;
  /** null: unknown. */
  readonly by: string | null;
  /** `unknown`: the history has forgotten it. */
  readonly way: "deploy" | "recorded" | "rolled-back" | "unknown";
  /** How its deploy ended. undefined: there was none, or its end is unknown. */
  readonly outcome?: DeployOutcome | "open" | undefined;
  readonly endedAt?: number | undefined;
  readonly endedBy?: string | undefined;
  readonly note?: string | undefined;
  /** The release that became current again at its end. */
  readonly restored?: string | undefined;
  /** When the next began. undefined: this is the newest. */
  readonly until?: number | undefined;
}

/** Newest first. */
export function toRollouts(state: State, now: number): readonly Rollout[] {
  const found: Rollout[] = [];
  const moments = new Set<number>();

  function end(release: string | undefined, ending: Partial<Rollout>): void {
    const index = found.findLastIndex(
      (one) => one.way === "deploy" && one.release === release && one.outcome === undefined,
    );
    const begun = found[index];
    if (begun !== undefined) found[index] = { ...begun, ...ending };
  }

  for (const change of state.changes ?? []) {
    const { at, by } = change;
    const deed = deedOf(change);
    switch (deed?.kind) {
      case "release-recorded":
        found.push({ at, release: deed.release, by, way: "recorded" });
        break;
      case "rolled-back":
        found.push({ at, release: deed.release, by, way: "rolled-back" });
        break;
      case "deploy-begun":
        end(deed.lost, { outcome: "lost" });
        end(deed.takenOver, { outcome: "aborted", endedAt: at, endedBy: by, note: "taken over" });
        found.push({ at, release: deed.release, by, way: "deploy" });
        break;
      case "deploy-ended": {
        const { release, outcome, note, restored } = deed;
        end(release, { outcome, note, restored, endedAt: at, endedBy: by });
        if (restored !== undefined) moments.add(at);
        break;
      }
      case undefined:
      case "manual-on":
      case "manual-off":
      case "releases-imported":
    }
  }
  const { deploy } = state;
  if (deploy !== undefined)
    end(deploy.release, { outcome: aliveDeploy(state, now) === undefined ? "lost" : "open" });
  for (const { at } of found) moments.add(at);
  for (const { id, at } of state.releases)
    if (!moments.has(at)) found.push({ at, release: id, by: null, way: "unknown" });
  found.sort((a, b) => b.at - a.at);
  return found.map((rollout, index) => ({ ...rollout, until: found[index - 1]?.at }));
}

/** What happened to an instance during a rollout. */
export interface Replaced {
  readonly at: number;
  readonly name: string;
  readonly release: string | null;
  /** `went`: it stopped. `fell silent`: nobody knows how it ended. */
  readonly what: "came" | "went" | "fell silent";
}

/** A rollout as the record and the reports tell it. Times are the store's. */
export interface Replay {
  readonly rollout: Rollout;
  /** In the order of time. */
  readonly instances: readonly Replaced[];
  /** How many still run another release. */
  readonly behind: number;
  readonly hidden: MaskedSum;
  readonly from: number;
  readonly to: number;
  readonly hiddenSteps: readonly Step[];
  readonly regularSteps: readonly Step[];
}

/** A new machine may start its app before its release is recorded. Milliseconds. */
const startsBefore = 300_000;
/** Shown before the begin and after the end. Milliseconds. */
const margin = 60_000;
const longest = 86_400_000;

export function toReplay(rollout: Rollout, reports: readonly SeenInstance[], now: number): Replay {
  const { at, release, endedAt = at, outcome, until = Number.POSITIVE_INFINITY } = rollout;
  const isNewest = rollout.until === undefined;
  const instances: Replaced[] = [];
  let behind = 0;
  for (const report of reports) {
    if (report.role === "proxy") continue;
    const { startedAt, lastSeenAt, stopped } = report;
    const isAlive = !stopped && lastSeenAt > now - silentAfter;
    const one = { name: labelOf(report), release: report.release };
    if (report.release === release) {
      if (startedAt >= at - startsBefore && startedAt < until)
        instances.push({ ...one, at: startedAt, what: "came" });
    } else if (isAlive) {
      if (isNewest) behind++;
    } else if (startedAt < until && lastSeenAt >= at && lastSeenAt < until) {
      instances.push({ ...one, at: lastSeenAt, what: stopped ? "went" : "fell silent" });
    }
  }
  instances.sort((a, b) => a.at - b.at);
  const shown = reports.filter(({ observing }) => observing !== true);
  const during = shown.map(({ masked, ...rest }) => ({
    ...rest,
    masked: masked.filter(({ firstAt }) => firstAt < until),
  }));
  const hidden = sumReports(during, { release, since: at });
  const from = at - margin;
  const isGoingOn = isNewest && (outcome === "open" || behind > 0);
  const last = Math.max(endedAt, hidden.lastAt ?? at, instances.at(-1)?.at ?? at, isGoingOn ? now : at);
  const to = Math.min(last + margin, Math.max(until, at + margin), from + longest);
  const { hidden: hiddenSteps, regular: regularSteps } = sumErrors(reports);
  const within = (step: Step): boolean => step.at >= from && step.at < to;
  return {
    ...{ rollout, instances, behind, hidden, from, to },
    hiddenSteps: hiddenSteps.filter(within),
    regularSteps: regularSteps.filter(within),
  };
}
