import { readFileSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../docs/blocks.ts";
import { buildApp, type AppPlan, type RunningApp } from "./built-app.ts";
import { beginDeploy, type Deploy } from "./deploy.ts";

/** How an app that Nitro builds gets the page. */
export interface Way {
  readonly how: string;
  readonly files: Readonly<Record<string, string>>;
  readonly auto: boolean;
}

/** A running app on v1.0, and its deploy. */
export interface ServedApp {
  readonly app: RunningApp;
  readonly deploy: Deploy;
  end(): Promise<void>;
}

const plugin = readFileSync(join(root, "src/frameworks/nitro/example.ts"), "utf8");

export const ways: readonly Way[] = [
  { how: "with the plugin", files: { "server/plugins/maintenance-page.ts": plugin }, auto: false },
  { how: "without code", files: {}, auto: true },
];

/** Builds an app with a client for the store, and starts the result. */
export async function serveBuilt(plan: AppPlan, { files, auto }: Way): Promise<ServedApp> {
  const packages = { ...plan.packages, libsql: "0.5.29" };
  const built = await buildApp({ ...plan, packages, files: { ...plan.files, ...files } });
  // The build is deployed alone, except for what `--import` needs.
  if (!auto) await rename(join(built.folder, "node_modules"), join(built.folder, "left-behind"));
  const deploy = await beginDeploy();
  const app = await built.start({
    command: [".output/server/index.mjs"],
    auto,
    environment: deploy.environment,
  });
  return {
    app,
    deploy,
    async end() {
      await app.stop();
      await deploy.end();
      await built.remove();
    },
  };
}
