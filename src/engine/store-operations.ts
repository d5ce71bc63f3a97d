import { decide, observe } from "../core/decide.ts";
import { IntermissionError } from "../core/errors.ts";
import type { Intermission } from "../core/intermission.ts";
import type { Clock, Store } from "../core/ports.ts";
import { parseRelease, refusePlaceholder } from "../core/release.ts";
import type { Settings } from "../core/settings/resolve.ts";
import { toDeployStatus } from "../core/state/deploy-status.ts";
import { toManualStatus } from "../core/state/manual-status.ts";
import { currentRelease, type State } from "../core/state/state.ts";
import { noteChange, type Deed } from "../core/state/changes.ts";
import { closeDeploy, openDeploy, renewDeploy } from "../core/state/deploys.ts";
import { bypassLifetime, createBypass, createBypassKey } from "../core/bypass.ts";
import { modeAt, switchOff, switchOn } from "../core/state/manual.ts";
import { withoutExpired } from "../core/state/rehearsals.ts";
import { recordRelease, rollBack } from "../core/state/releases.ts";
import type { Operations } from "../core/operations.ts";
import { readState, updateState } from "./state/update.ts";

export interface OperationsOptions {
  readonly settings: Settings;
  readonly store: Store;
  readonly clock: Clock;
  /** Who is acting, for {@link Operations.history}. */
  readonly by: string;
  /** undefined: unknown, or this process judges for others. */
  readonly instanceRelease: () => string | undefined;
  /** Called after a write from here, so that the watcher reads it. */
  readonly onWritten: () => Promise<void>;
}

/** Added to the time that snapshots stay fresh, because timers may fire early. Milliseconds. */
const waitMargin = 25;

export type StoreOperations = Operations & Pick<Intermission, "status">;

/** Everything that reads or changes the store on request: releases, deploys, manual mode, the status. */
export function createOperations(options: OperationsOptions): StoreOperations {
  const { settings, instanceRelease, store, clock, by, onWritten } = options;
  const { app, freshFor, refreshEvery } = settings;
  const subject = { store, app, clock };
  /** After this no older snapshot can let an error through. Milliseconds. */
  const untilStale = Math.max(freshFor, 1000);
  /** After this every instance has read in the background once more. Its jitter is a tenth. */
  const untilRefreshed = Math.max(untilStale, 1.1 * refreshEvery + 1000);

  /** Writes the state that a transition returns, with a note for the history if there is one. */
  async function change<Result extends { readonly state: State }>(
    transition: (state: State, now: number) => Result,
    describe: (result: Result, before: State) => Deed | undefined,
  ): Promise<{
    readonly result: Result;
    readonly before: State;
    readonly at: number;
    readonly known: Promise<void>;
  }> {
    const update = await updateState(subject, (state, now) => {
      const result = transition(state, now);
      const deed = describe(result, state);
      if (result.state === state || deed === undefined) return result;
      return { ...result, state: noteChange(withoutExpired(result.state, now), { at: now, by, deed }) };
    });
    return { ...update, known: onWritten() };
  }

  /** Waits until every instance must know what was recorded at the store's time `since`. */
  async function knownEverywhere(
    since: number,
    now: number,
    wait: boolean | number,
    age = untilStale,
  ): Promise<void> {
    if (wait === false) return;
    const remaining = since + (typeof wait === "number" ? wait : age) + waitMargin - now;
    if (remaining > 0) await new Promise<void>((resume) => clock.after(remaining, resume, { ref: true }));
  }

  function releaseFrom(id: string | undefined): string {
    const named = id ?? settings.release?.id;
    if (named === undefined) throw noRelease(settings);
    const release = parseRelease(named);
    refusePlaceholder(release);
    return release;
  }

  return {
    async status() {
      const { state, now } = await readState(subject);
      const mode = modeAt(state, now);
      const verdict = decide(settings, instanceRelease(), state, { status: 500 }, now);
      return {
        app,
        instanceRelease: instanceRelease() ?? null,
        currentRelease: currentRelease(state)?.id ?? null,
        mode: settings.manual && mode === "auto" ? "errors" : mode,
        ...(state.mode === "auto" ? {} : { manual: toManualStatus(state.mode, state.manual ?? {}, now) }),
        ...(settings.observe ? observe(verdict) : verdict),
        ...(state.deploy === undefined ? {} : { deploy: toDeployStatus(state.deploy, now) }),
      };
    },

    async createRelease(id, { wait = true } = {}) {
      const release = releaseFrom(id);
      const { result, before, at, known } = await change(
        (state, now) => recordRelease(state, release, now),
        () => ({ kind: "release-recorded", release }),
      );
      const current = currentRelease(result.state);
      if (result.outcome !== "known") await knownEverywhere(current?.at ?? at, at, wait);
      await known;
      return {
        release,
        outcome: result.outcome,
        currentRelease: current?.id ?? release,
        previousRelease: previousRelease(result.outcome === "recorded", before),
      };
    },

    async rollback(id, { wait = true } = {}) {
      const target = id === undefined ? undefined : parseRelease(id);
      const { result, before, at, known } = await change(
        (state, now) => rollBack(state, target, now),
        (rolled) => ({ kind: "rolled-back", release: rolled.id }),
      );
      await knownEverywhere(currentRelease(result.state)?.at ?? at, at, wait);
      await known;
      return {
        release: result.id,
        outcome: result.outcome,
        previousRelease: currentRelease(before)?.id ?? result.id,
      };
    },

    async releases() {
      const { state } = await readState(subject);
      return state.releases.toReversed();
    },

    async openDeploy({ release: id, lease, takeOver = false, takes, wait = true }) {
      const release = releaseFrom(id);
      const deployId = globalThis.crypto.randomUUID();
      const { result, before, at, known } = await change(
        (state, now) => openDeploy(state, { release, id: deployId, by, lease, takeOver, takes }, now),
        ({ lost, takenOver }) => ({
          kind: "deploy-begun",
          release,
          lost: lost?.release,
          takenOver: takenOver?.release,
        }),
      );
      await knownEverywhere(at, at, wait);
      await known;
      return {
        id: deployId,
        release,
        outcome: result.outcome,
        previousRelease: previousRelease(result.outcome === "recorded", before),
        openedAt: at,
        leaseUntil: result.deploy.leaseUntil,
        lost: result.lost ?? null,
        takenOver: result.takenOver ?? null,
      };
    },

    async renewDeploy(id, lease) {
      const { result, known } = await change(
        (state, now) => renewDeploy(state, id, lease, now),
        () => undefined,
      );
      await known;
      return { leaseUntil: result.deploy.leaseUntil };
    },

    async closeDeploy({ id, release: expected, outcome, restore = false, note, wait = true }) {
      const { result, at, known } = await change(
        (state, now) =>
          closeDeploy(state, { id, release: expected, restore, succeeded: outcome === "succeeded" }, now),
        ({ deploy, restored }) => ({
          kind: "deploy-ended",
          release: deploy.release,
          outcome,
          note,
          restored,
        }),
      );
      // Until then a matching instance masks errors a moment longer; nobody needs to wait for that.
      if (result.restored !== undefined) await knownEverywhere(at, at, wait);
      await known;
      const { release, openedAt, leaseUntil, by: openedBy = null, previous = null } = result.deploy;
      return {
        release,
        outcome,
        openedAt,
        openedBy,
        closedAt: at,
        leaseUntil,
        previousRelease: previous,
        currentRelease: currentRelease(result.state)?.id ?? release,
        restoredRelease: result.restored ?? null,
      };
    },

    async switchOn({ wait = true, ...options }) {
      const key = createBypassKey();
      const { result, before, at, known } = await change(
        (state, now) => switchOn(state, options, { by, key }, now),
        ({ manual: { from, until, backAt } }) => ({
          kind: "manual-on",
          mode: options.mode,
          from,
          until,
          backAt,
        }),
      );
      const { from = at, until } = result.manual;
      const age = options.mode === "closed" ? untilRefreshed : untilStale;
      // A mode that begins later is known everywhere by then.
      if (from <= at + age) await knownEverywhere(at, at, wait, age);
      await known;
      const bypassUntil = Math.min(Math.max(from, at) + bypassLifetime, until ?? Number.POSITIVE_INFINITY);
      return {
        at,
        previousMode: modeAt(before, at),
        manual: toManualStatus(options.mode, result.manual, at),
        bypass: { token: await createBypass(app).sign(key, bypassUntil), until: bypassUntil },
      };
    },

    async switchOff({ wait = true } = {}) {
      const { result, before, at, known } = await change(
        (state) => ({ state: switchOff(state) }),
        (_, { mode }) => ({ kind: "manual-off", mode: mode === "auto" ? undefined : mode }),
      );
      if (result.state !== before) await knownEverywhere(at, at, wait);
      await known;
      return { at, previousMode: before.mode };
    },

    async history() {
      const { state } = await readState(subject);
      return (state.changes ?? []).toReversed();
    },
  };
}

/** What was current before; if nothing was recorded, the one before that. */
function previousRelease(recorded: boolean, before: State): string | null {
  return (recorded ? currentRelease(before)?.id : before.releases.at(-2)?.id) ?? null;
}

function noRelease({ releaseVariable }: Settings): IntermissionError {
  return new IntermissionError("no-release", {
    problem: "No release was given",
    expected: `an id, or one in the environment variable ${releaseVariable}`,
    remedy: `For example: intermission create-release v1.1`,
  });
}
