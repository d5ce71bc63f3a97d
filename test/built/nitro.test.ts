import { readFileSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root } from "../docs/blocks.ts";
import { visit } from "../support/http.ts";
import { buildApp, type BuiltApp, type RunningApp } from "./built-app.ts";
import { beginDeploy, closeSite, expectDeploy, type Deploy } from "./deploy.ts";
import { nodesFrom } from "./nodes.ts";

const plugin = readFileSync(join(root, "src/frameworks/nitro/example.ts"), "utf8");

const ways = [
  { how: "with the plugin", files: { "server/plugins/maintenance-page.ts": plugin }, auto: false },
  { how: "without code", files: {}, auto: true },
];

describe.each(nodesFrom(20))("Nitro 2 on Node $major", (node) => {
  describe.each(ways)("$how", ({ files, auto }) => {
    let built: BuiltApp;
    let deploy: Deploy;
    let app: RunningApp;
    beforeAll(async () => {
      const packages = { nitropack: "2.13.6", libsql: "0.5.29" };
      built = await buildApp({ name: "nitro", packages, files, build: ["nitropack", "build"], node });
      // What is built is deployed alone, but for what `--import` needs.
      if (!auto) await rename(join(built.folder, "node_modules"), join(built.folder, "left-behind"));
      deploy = await beginDeploy();
      const command = [".output/server/index.mjs"] as const;
      app = await built.start({ command, auto, environment: deploy.environment });
    });
    afterAll(async () => {
      await app.stop();
      await deploy.end();
      await built.remove();
    });

    test("it goes through a deploy", async () => {
      await expectDeploy(app.url, deploy, {
        successes: ["/"],
        errors: ["/orders", "/sent"],
        refusals: ["/missing"],
      });
    });

    test("what the app asks itself fails as ever", async () => {
      await deploy.intermission.createRelease("v1.2");
      const { status, body } = await visit(`${app.url}/asking`);
      expect({ status, told: JSON.parse(body) as unknown }).toEqual({
        status: 200,
        told: { status: 500, hasPage: false },
      });
    });

    test("a closed site answers everything", async () => {
      await closeSite(app.url, deploy);
      for (const path of ["/", "/orders", "/missing"]) expect((await visit(app.url + path)).status).toBe(503);
    });
  });
});
