import { readFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { visit, type Answer } from "../support/http.ts";
import { buildApp, type BuiltApp, type RunningApp } from "./built-app.ts";
import { beginDeploy, browser, expectDeploy, type Deploy } from "./deploy.ts";
import { nodesFrom } from "./nodes.ts";
import { build, packages } from "./sveltekit-app.ts";

const example = new URL("../../src/frameworks/sveltekit/example.ts", import.meta.url);
const command = ["build/index.js"] as const;
const paths = {
  successes: ["/", "/about", "/favicon.txt", "/sum"],
  errors: ["/orders", "/api/orders"],
  refusals: ["/missing", "/refused", "/old"],
};

describe.each(nodesFrom(20))("SvelteKit 2 on Node $major", (node) => {
  let built: BuiltApp;
  let bare: RunningApp;
  beforeAll(async () => {
    const hooks = await readFile(example, "utf8");
    built = await buildApp({
      name: "sveltekit",
      packages,
      build,
      node,
      files: { "src/hooks.server.ts": hooks, "static/favicon.txt": "icon" },
    });
    bare = await built.start({ command });
  });
  afterAll(async () => {
    await bare.stop();
    await built.remove();
  });

  test("is built without a store: pages are prerendered, and nothing is left behind", () => {
    expect(existsSync(join(built.folder, "build/prerendered/about.html"))).toBe(true);
    expect(existsSync(join(built.folder, ".intermission"))).toBe(false);
  });

  describe.each([
    { way: "with its hooks", auto: false },
    { way: "with intermission/auto beside them", auto: true },
  ])("$way", ({ auto }) => {
    let deploy: Deploy;
    let app: RunningApp;
    beforeAll(async () => {
      deploy = await beginDeploy();
      app = await built.start({ command, auto, environment: deploy.environment });
    });
    afterAll(async () => {
      await app.stop();
      await deploy.end();
    });

    test("goes through a deploy", async () => {
      await expectDeploy(app.url, deploy, paths);
    });
  });
});
