import type { State } from "./state.ts";

/** How many deploys are remembered: a few bytes each, in the record that every instance reads. */
const mostRemembered = 10;
/** Fewer say nothing: the first of an app is seldom like the next. */
const fewestRemembered = 3;

/** What a deploy may be said to take. Milliseconds. */
export const shortestDeploy = 1000;
export const longestDeploy = 86_400_000;

const minute = 60;

/**
 * When the open deploy is expected to end: by what was said when it was opened, else by the median of those before.
 *
 * @param now The store's time, in milliseconds since 1970.
 * @returns Seconds, rounded up to whole minutes, and in the last minute to tens: nobody comes too early, and one page
 * serves for a while. `undefined`: nobody knows, or it takes longer than was expected.
 */
export function deployBackIn({ deploy, deployTimes = [] }: State, now: number): number | undefined {
  if (deploy === undefined || now >= deploy.leaseUntil) return undefined;
  const takes = deploy.takes ?? usualTime(deployTimes);
  if (takes === undefined) return undefined;
  // A store whose time was set back must not put the end off.
  const left = Math.min(takes, deploy.openedAt + takes - now) / 1000;
  if (!(left > 0)) return undefined;
  const step = left > minute ? minute : 10;
  return Math.ceil(left / step) * step;
}

/** Adds how long a deploy took. The oldest make room for it. */
export function rememberDeployTime(state: State, milliseconds: number): State {
  const time = Math.round(Math.min(Math.max(milliseconds, 0), longestDeploy));
  return { ...state, deployTimes: [...(state.deployTimes ?? []), time].slice(-mostRemembered) };
}

function usualTime(times: readonly number[]): number | undefined {
  if (times.length < fewestRemembered) return undefined;
  const sorted = times.toSorted((one, other) => one - other);
  // Of two in the middle the longer one: rather too late than too early.
  return sorted[Math.floor(sorted.length / 2)];
}
