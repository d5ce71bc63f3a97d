import { readFileSync } from "node:fs";
import { rename } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root } from "../docs/blocks.ts";
import { visit } from "../support/http.ts";
import { buildApp, type BuiltApp, type RunningApp } from "./built-app.ts";
import { beginDeploy, closeSite, browser, expectDeploy, type Deploy } from "./deploy.ts";
import { nodesFrom } from "./nodes.ts";

const plugin = readFileSync(join(root, "src/frameworks/nitro/example.ts"), "utf8");

const ways = [
  { how: "with the plugin", files: { "server/plugins/maintenance-page.ts": plugin }, auto: false },
  { how: "without code", files: {}, auto: true },
];

describe.each(nodesFrom(20))("Nuxt 3 on Node $major", (node) => {
  describe.each(ways)("$how", ({ files, auto }) => {
    let built: BuiltApp;
    let deploy: Deploy;
    let app: RunningApp;
    beforeAll(async () => {
      const packages = { nuxt: "3.21.11", libsql: "0.5.29" };
      built = await buildApp({ name: "nuxt", packages, files, build: ["nuxt", "build"], node });
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

    test("it goes through a deploy: pages, routes of the API and the browser's files", async () => {
      const { body } = await visit(app.url, { headers: browser });
      const [asset = ""] = /\/_nuxt\/[^"]+\.js/.exec(body) ?? [];
      expect(asset).not.toBe("");
      await expectDeploy(app.url, deploy, {
        successes: ["/", "/quiet", "/api/hello", asset],
        errors: ["/render", "/orders", "/api/orders"],
        refusals: ["/missing", "/orders/_payload.json"],
      });
    });

    test("a script of the app is told so in JSON", async () => {
      await deploy.intermission.createRelease("v1.2");
      const { status, headers, body } = await visit(`${app.url}/api/orders`, {
        headers: { accept: "application/json" },
      });
      expect(status).toBe(503);
      expect(headers["content-type"]).toMatch(/^application\/problem\+json/);
      expect(JSON.parse(body)).toMatchObject({ type: "urn:intermission:maintenance", status: 503 });
    });

    test("a page that does without what it could not get is a success", async () => {
      const { status, body } = await visit(`${app.url}/quiet`, { headers: browser });
      expect(status).toBe(200);
      expect(body).toContain("without orders: 500");
    });

    test("a closed site answers everything", async () => {
      await closeSite(app.url, deploy);
      for (const path of ["/", "/api/hello", "/missing"])
        expect((await visit(app.url + path)).status).toBe(503);
    });
  });
});
