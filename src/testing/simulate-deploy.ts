import { IntermissionError, show } from "../core/errors.ts";
import type { Intermission } from "../core/intermission.ts";
import type { IntermissionOptions, MaskedError } from "../core/settings/options.ts";
import { createIntermission } from "../engine/create.ts";
import { memoryStore } from "../stores/memory/index.ts";

/** The app's own options, such as `exempt`, `mask` or `template`, and the two releases. */
export interface SimulateDeployOptions extends Omit<
  IntermissionOptions,
  "release" | "releaseVariable" | "store"
> {
  /** What is deployed when the simulation starts. @default "v1.0" */
  readonly from?: string;
  /** What the deploy brings up. @default "v1.1" */
  readonly to?: string;
}

/**
 * A deploy that a test leads through its steps. Before {@link begin} the old instance's errors are regular.
 * The replacement then counts as a new machine, whose errors are masked because its release is not current
 * yet.
 *
 * Each step resolves when both instances know of it, so that it decides the next request. None waits for a
 * timer.
 */
export interface SimulatedDeploy {
  /**
   * An old instance, on the release `from`: pass it to the app's adapter, `maintenancePage({ intermission
   * })`.
   */
  readonly intermission: Intermission;
  /** A new instance, on the release `to`, for an app that replaces the old one. */
  readonly replacement: Intermission;
  /** What was hidden from visitors so far, from both instances; oldest first. */
  readonly masked: readonly MaskedError[];
  /**
   * The deploy begins, as with `intermission deploy`: `to` is recorded, and every error of both instances is
   * masked.
   *
   * @throws IntermissionError `deploy-open` or `known-release`: it has already begun.
   */
  begin(): Promise<void>;
  /**
   * The deploy succeeds and ends. Errors of the replacement are regular; those of the old instance stay
   * masked.
   *
   * @throws IntermissionError `deploy-gone`: none is open.
   */
  finish(): Promise<void>;
  /**
   * `from` is current again: an open deploy fails and is reverted; after a finished one, this is a rollback.
   * Errors of the old instance are regular.
   */
  rollback(): Promise<void>;
  /** Ends both instances. Can be repeated. */
  close(): Promise<void>;
}

/** So that a test paused at a breakpoint or with its own clock does not lose its deploy. */
const lease = 30 * 86_400_000;

/**
 * A deploy for an app's tests: two instances that share a memory store, before the deploy. It reads no
 * environment variables, sets no timers and touches no file or network.
 *
 * @throws IntermissionError if an option is invalid.
 * @example
 * ```ts
 * const deploy = await simulateDeploy({ from: "v1.0", to: "v1.1" });
 * const app = createApp({ intermission: deploy.intermission });
 * await deploy.begin();
 * // An error of the app is the page now.
 * await deploy.close();
 * ```
 */
export async function simulateDeploy({
  from = "v1.0",
  to = "v1.1",
  ...options
}: SimulateDeployOptions = {}): Promise<SimulatedDeploy> {
  if (from === to) throw sameRelease(from);
  const store = memoryStore();
  const masked: MaskedError[] = [];

  const createInstance = (release: string): Intermission => {
    const settings = { refreshEvery: 0, report: false, ...options, release, store };
    const instance = createIntermission(settings, { environment: {}, by: "a simulated deploy" });
    instance.listen((event) => {
      if (event.kind === "masked") masked.push(event.masked);
    });
    return instance;
  };

  const intermission = createInstance(from);
  const replacement = createInstance(to);
  const instances = [intermission, replacement];
  await Promise.all(instances.map((instance) => instance.ready()));
  await intermission.createRelease(from, { wait: false });

  let deployId: string | undefined;

  return {
    intermission,
    replacement,
    masked,
    async begin() {
      const { id } = await intermission.openDeploy({ release: to, lease, wait: false });
      deployId = id;
    },
    async finish() {
      await intermission.closeDeploy({ id: deployId, outcome: "succeeded", wait: false });
      deployId = undefined;
    },
    async rollback() {
      if (deployId === undefined) {
        await intermission.rollback(from, { wait: false });
        return;
      }
      await intermission.closeDeploy({ id: deployId, outcome: "failed", restore: true, wait: false });
      deployId = undefined;
    },
    async close() {
      await Promise.all(instances.map((instance) => instance.close()));
      await store.close();
    },
  };
}

function sameRelease(release: string): IntermissionError {
  return new IntermissionError("bad-option", {
    problem: "A deploy can't be simulated",
    expected: "two releases, from and to, that differ",
    got: show(release),
    remedy: 'For example simulateDeploy({ from: "v1.0", to: "v1.1" }).',
  });
}
