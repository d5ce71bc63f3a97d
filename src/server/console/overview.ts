import { toDeployStatus, type DeployStatus } from "../../core/state/deploy-status.ts";
import { toManualStatus, type ManualStatus } from "../../core/state/manual-status.ts";
import { deployBackIn, modeAt } from "../../core/state/manual.ts";
import {
  currentRelease,
  type Change,
  type RecordedRelease,
  type State,
  type StoredMode,
} from "../../core/state/state.ts";
import { silentAfter } from "../../reports/report.ts";
import type { SeenInstance } from "../../reports/instances.ts";
import type { Step } from "../../reports/steps.ts";
import { sumErrors, sumReports, type ErrorSteps, type MaskedSum } from "../../reports/sum.ts";
import { toRollouts, type Rollout } from "./rollouts.ts";

/** Instances that report the same release. */
export interface ReleaseGroup {
  /** null: they don't know. */
  readonly release: string | null;
  readonly isCurrent: boolean;
  /** The record has, or had, this release. */
  readonly isRecorded: boolean;
  readonly instances: readonly SeenInstance[];
}

/** All that the console shows of an app. Times are the store's, in milliseconds since 1970. */
export interface Overview {
  readonly app: string;
  readonly current: RecordedRelease | undefined;
  /** The others, newest first. */
  readonly earlier: readonly RecordedRelease[];
  /** The mode in effect now. */
  readonly mode: StoredMode;
  readonly manual: ManualStatus | undefined;
  readonly deploy: DeployStatus | undefined;
  /** Seconds until the open deploy should be over. undefined: nobody knows. */
  readonly deployBackIn: number | undefined;
  /** undefined: the store keeps no reports, or they could not be read. */
  readonly fleet: Fleet | undefined;
  /** undefined: not known. */
  readonly hour: LastHour | undefined;
  /** Newest first. */
  readonly rollouts: readonly Rollout[];
  readonly changes: readonly Change[];
}

/** Errors up to the end of the minute that runs. */
export interface LastHour extends ErrorSteps {
  readonly from: number;
  readonly to: number;
}

export interface Fleet {
  /** The current release's first. */
  readonly groups: readonly ReleaseGroup[];
  readonly total: number;
  /** Instances that don't run the current release. */
  readonly behind: number;
  readonly proxies: readonly SeenInstance[];
  /** Errors hidden from visitors since the current release became current. */
  readonly hidden: MaskedSum;
  /** Errors that instances which only observe would have hidden. */
  readonly observed: MaskedSum;
}

/**
 * @param reports Of all remembered instances. undefined: not available.
 * @param now The store's time, in milliseconds since 1970.
 */
export function toOverview(
  app: string,
  state: State,
  reports: readonly SeenInstance[] | undefined,
  now: number,
): Overview {
  const current = currentRelease(state);
  return {
    app,
    current,
    earlier: state.releases.slice(0, -1).toReversed(),
    mode: modeAt(state, now),
    manual: state.mode === "auto" ? undefined : toManualStatus(state.mode, state.manual ?? {}, now),
    deploy: state.deploy && toDeployStatus(state.deploy, now),
    deployBackIn: deployBackIn(state, now),
    fleet: reports && toFleet(state, reports, now),
    hour: reports && toLastHour(reports, now),
    rollouts: toRollouts(state, now),
    changes: (state.changes ?? []).toReversed(),
  };
}

const minute = 60_000;
const summed = new WeakMap<readonly SeenInstance[], ErrorSteps>();

function toLastHour(reports: readonly SeenInstance[], now: number): LastHour {
  // Reports are read more rarely than this is asked for.
  const known = summed.get(reports) ?? sumErrors(reports);
  summed.set(reports, known);
  const to = Math.ceil(now / minute) * minute;
  const from = to - 60 * minute;
  const within = ({ at }: Step): boolean => at >= from && at < to;
  return { from, to, hidden: known.hidden.filter(within), regular: known.regular.filter(within) };
}

function toFleet(state: State, reports: readonly SeenInstance[], now: number): Fleet {
  const current = currentRelease(state)?.id;
  const alive = reports.filter(({ stopped, lastSeenAt }) => !stopped && lastSeenAt > now - silentAfter);
  const instances = alive.filter(({ role }) => role === undefined);
  const recorded = new Set(state.releases.map(({ id }) => id));
  const groups = new Map<string | null, SeenInstance[]>();
  for (const instance of instances) {
    const group = groups.get(instance.release);
    if (group === undefined) groups.set(instance.release, [instance]);
    else group.push(instance);
  }
  const isCurrent = (release: string | null): boolean => release !== null && release === current;
  return {
    groups: [...groups]
      .map(([release, members]) => ({
        release,
        isCurrent: isCurrent(release),
        isRecorded: release !== null && recorded.has(release),
        instances: members,
      }))
      .sort((a, b) => Number(b.isCurrent) - Number(a.isCurrent) || b.instances.length - a.instances.length),
    total: instances.length,
    behind: instances.filter(({ release }) => !isCurrent(release)).length,
    proxies: alive.filter(({ role }) => role === "proxy"),
    hidden: sumReports(reports, { release: current }),
    observed: sumReports(reports, { release: current, observed: true }),
  };
}

/** How many instances would be behind if this release became current. undefined: nobody knows. */
export function behindAfter({ fleet }: Overview, release: string): number | undefined {
  return fleet?.groups.reduce(
    (sum, group) => sum + (group.release === release ? 0 : group.instances.length),
    0,
  );
}
