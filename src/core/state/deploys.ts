import { longestDeploy, rememberDeployTime, shortestDeploy } from "./manual.ts";
import { IntermissionError, show } from "../errors.ts";
import { currentRelease, type OpenDeploy, type State } from "./state.ts";
import { recordRelease, rollBack, type RecordOutcome } from "./releases.ts";

/** Characters of {@link OpenDeploy.by}: every instance reads it. */
const longestName = 64;

export interface DeployOpening {
  readonly release: string;
  /** Unique to this deploy; needed to renew or close it. */
  readonly id: string;
  readonly by: string;
  /** Milliseconds it stays alive without being renewed. */
  readonly lease: number;
  /** Ends an open deploy, whoever opened it. */
  readonly takeOver?: boolean;
  /** Milliseconds it is expected to take. From 1 s to 1 d. */
  readonly takes?: number | undefined;
}

/** How a deploy ended. `lost`: it was never closed, and its lease ran out. */
export type DeployOutcome = "succeeded" | "failed" | "aborted" | "lost";

/** The open deploy, unless it is lost because its lease ran out. */
export function aliveDeploy({ deploy }: State, now: number): OpenDeploy | undefined {
  return deploy !== undefined && now < deploy.leaseUntil ? deploy : undefined;
}

/**
 * Records the release and opens its deploy in one step. `lost` is an earlier deploy that was never closed;
 * `takenOver` is one that was still running.
 *
 * @throws IntermissionError `bad-option`; `deploy-open` if another deploy is running; `known-release` if the
 * release was recorded earlier and is not current, because a late machine must not undo the deploy.
 */
export function openDeploy(
  state: State,
  { release, id, by, lease, takeOver = false, takes }: DeployOpening,
  now: number,
): {
  readonly state: State;
  readonly deploy: OpenDeploy;
  readonly outcome: RecordOutcome;
  readonly lost?: OpenDeploy;
  readonly takenOver?: OpenDeploy;
} {
  if (takes !== undefined && !(takes >= shortestDeploy && takes <= longestDeploy)) throw badTime(takes);
  const running = aliveDeploy(state, now);
  if (running !== undefined && !takeOver) {
    throw new IntermissionError("deploy-open", {
      problem: `A deploy of ${running.release} is open, by ${running.by ?? "someone"} since ${toTime(running.openedAt)}`,
      remedy: `Wait for it to end. If it has died: intermission deploy ${running.release} --fail. To end it and go on: --take-over.`,
    });
  }
  const { state: recorded, outcome } = recordRelease(state, release, now);
  if (outcome === "known") {
    throw new IntermissionError("known-release", {
      problem: `${release} was recorded before, and the current release is ${currentRelease(state)?.id ?? "none"}`,
      remedy: `Nothing was changed. To go back to it, run: intermission rollback ${release}`,
    });
  }
  const previous = releaseBefore(state);
  const deploy: OpenDeploy = {
    release,
    openedAt: now,
    leaseUntil: now + lease,
    by: Array.from(by).slice(0, longestName).join(""),
    id,
    // With nothing to go back to, a failure changes nothing.
    ...(previous === undefined || previous === release ? {} : { previous }),
    ...(takes === undefined ? {} : { takes }),
  };
  return {
    state: { ...recorded, deploy },
    deploy,
    outcome,
    ...(running === undefined ? {} : { takenOver: running }),
    ...(running === undefined && state.deploy !== undefined ? { lost: state.deploy } : {}),
  };
}

/** What was current before this deploy. */
function releaseBefore(state: State): string | undefined {
  const current = currentRelease(state)?.id;
  const { deploy: unfinished } = state;
  // Nobody knows whether an unfinished deploy ever brought its release up. The one before it did run.
  if (unfinished?.previous !== undefined && unfinished.release === current) return unfinished.previous;
  return current;
}

/**
 * Extends the lease. Revives a deploy that counted as lost because its machine slept.
 *
 * @throws IntermissionError `deploy-gone` if it was closed or taken over.
 */
export function renewDeploy(
  state: State,
  id: string,
  lease: number,
  now: number,
): { readonly state: State; readonly deploy: OpenDeploy } {
  const deploy = { ...ownDeploy(state, id), leaseUntil: now + lease };
  return { state: { ...state, deploy }, deploy };
}

/** Which deploy to close, and how. Fields left out are not checked. */
export interface DeployClosing {
  readonly id?: string | undefined;
  readonly release?: string | undefined;
  readonly restore?: boolean | undefined;
  /** If so, its duration is remembered. A failed deploy says nothing about the next. */
  readonly succeeded?: boolean | undefined;
}

/**
 * Closes the deploy. With `restore`, makes the previous release current again, unless another became current
 * meanwhile.
 *
 * @throws IntermissionError `deploy-gone`
 */
export function closeDeploy(
  state: State,
  { id, release: expected, restore = false, succeeded = false }: DeployClosing,
  now: number,
): { readonly state: State; readonly deploy: OpenDeploy; readonly restored?: string } {
  const deploy = ownDeploy(state, id);
  if (expected !== undefined && deploy.release !== expected) {
    throw new IntermissionError("deploy-gone", {
      problem: `No deploy of ${expected} is open, but one of ${deploy.release}, by ${deploy.by ?? "someone"}`,
      remedy: "To close that one, name its release.",
    });
  }
  // If closed past its lease, it may have been forgotten long after it ended.
  const counts = succeeded && now < deploy.leaseUntil;
  const closed: State = counts ? rememberDeployTime(state, now - deploy.openedAt) : { ...state };
  delete (closed as { deploy?: OpenDeploy }).deploy;
  const { previous, release } = deploy;
  const canRestore =
    restore &&
    previous !== undefined &&
    currentRelease(state)?.id === release &&
    state.releases.some((known) => known.id === previous);
  if (!canRestore) return { state: closed, deploy };
  return { state: rollBack(closed, previous, now).state, deploy, restored: previous };
}

function ownDeploy({ deploy }: State, id: string | undefined): OpenDeploy {
  if (deploy !== undefined && (id === undefined || deploy.id === id)) return deploy;
  throw new IntermissionError("deploy-gone", {
    problem:
      deploy === undefined
        ? "No deploy is open"
        : `The deploy was taken over by ${deploy.by ?? "someone"}, with ${deploy.release}`,
    remedy: "See: intermission status",
  });
}

function badTime(takes: number): IntermissionError {
  return new IntermissionError("bad-option", {
    problem: "The time that the deploy takes can't be used",
    expected: "milliseconds, from a second to a day",
    got: show(takes),
  });
}

function toTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
