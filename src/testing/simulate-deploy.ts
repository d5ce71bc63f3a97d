import { IntermissionError, show } from "../core/errors.ts";
import type { Intermission } from "../core/intermission.ts";
import type { IntermissionOptions, MaskedError } from "../core/settings/options.ts";
import { createIntermission } from "../engine/create.ts";
import { memoryStore } from "../stores/memory/index.ts";

/** Options of the app's own, such as `exempt`, `mask` or `template`, and the two releases. */
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
 * A deploy that a test leads through its steps. Before {@link begin} an error of the old instance is regular. The
 * replacement is a new machine then, whose errors are masked: its release is not the current one yet.
 *
 * Each step resolves when both instances know of it, so that the next request is judged by it. None waits for a timer.
 */
export interface SimulatedDeploy {
  /** An old instance, on the release `from`: for the app's adapter, `maintenancePage({ intermission })`. */
  readonly intermission: Intermission;
  /** A new instance, on the release `to`, for an app that is its replacement. */
  readonly replacement: Intermission;
  /** What visitors did not see so far, of both instances; the oldest first. */
  readonly masked: readonly MaskedError[];
  /**
   * The deploy begins, as `intermission deploy` begins one: `to` is recorded, and every error is masked, of both
   * instances.
   *
   * @throws IntermissionError `deploy-open` or `known-release`: it has begun before.
   */
  begin(): Promise<void>;
  /**
   * The deploy succeeds and ends. An error of the replacement is regular; one of the old instance is masked for as long
   * as it is there.
   *
   * @throws IntermissionError `deploy-gone`: none is open.
   */
  finish(): Promise<void>;
  /**
   * `from` is current again: the open deploy fails and is taken back or, when it was finished, there is a rollback. An
   * error of the old instance is regular.
   */
  rollback(): Promise<void>;
  /** Ends both instances. May be called twice. */
  close(): Promise<void>;
}

/** A test that stands still, at a breakpoint or with a clock of its own, does not lose its deploy. */
const lease = 30 * 86_400_000;

/**
 * A deploy window for the tests of an app: two instances that share a store in memory, before the deploy. It reads no
 * environment variable, sets no timer of its own and touches no file or network.
 *
 * @throws IntermissionError when an option can't be used.
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
