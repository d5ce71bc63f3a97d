import { buildApp, type AppPlan, type BuiltApp, type RunningApp, type StartPlan } from "./built-app.ts";
import { beginDeploy, type Deploy } from "./deploy.ts";

/** An app that runs three times, with the deploys that two of them hear of. */
export interface Trio {
  /** Without Intermission. */
  readonly bare: RunningApp;
  /** The same, with `intermission/auto`. */
  readonly watched: RunningApp;
  readonly watchedDeploy: Deploy;
  /** Built with the framework's adapter. */
  readonly adapted: RunningApp;
  readonly adaptedDeploy: Deploy;
  /** Without the adapter, and with it. */
  readonly builds: readonly [BuiltApp, BuiltApp];
  end(): Promise<void>;
}

/** @param adapter Additional files of the app when built with the adapter. */
export async function startTrio(
  plan: AppPlan,
  command: StartPlan["command"],
  adapter: Readonly<Record<string, string>>,
): Promise<Trio> {
  const ends: (() => Promise<void>)[] = [];
  async function begin<Part>(part: Promise<Part>, end: (part: Part) => Promise<void>): Promise<Part> {
    const begun = await part;
    ends.unshift(() => end(begun));
    return begun;
  }
  const build = (files: Readonly<Record<string, string>>): Promise<BuiltApp> =>
    begin(buildApp({ ...plan, files: { ...plan.files, ...files } }), (built) => built.remove());
  const start = (built: BuiltApp, how: Partial<StartPlan>): Promise<RunningApp> =>
    begin(built.start({ command, ...how }), (app) => app.stop());
  const createDeploy = (): Promise<Deploy> => begin(beginDeploy(), (deploy) => deploy.end());

  async function end(): Promise<void> {
    for (const next of ends.splice(0)) await next();
  }
  try {
    const builds = [await build({}), await build(adapter)] as const;
    const [watchedDeploy, adaptedDeploy] = [await createDeploy(), await createDeploy()];
    return {
      bare: await start(builds[0], {}),
      watched: await start(builds[0], { auto: true, environment: watchedDeploy.environment }),
      watchedDeploy,
      adapted: await start(builds[1], { environment: adaptedDeploy.environment }),
      adaptedDeploy,
      builds,
      end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}
