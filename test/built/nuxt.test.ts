import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeWithServer } from "../servers/describe-with-server.ts";
import { visit } from "../support/http.ts";
import { installedChromium, launchChromium, textAfterClick } from "./chromium.ts";
import { browser, closeSite, expectDeploy } from "./deploy.ts";
import { majorsOnNodes, type Major } from "./majors.ts";
import { serveBuilt, ways, type ServedApp } from "./nitro-app.ts";

interface Version extends Major {
  readonly folders: Readonly<Record<string, string>>;
}

const versions: readonly Version[] = [
  { major: 4, packages: { nuxt: "4.5.2" }, folders: {}, from: [22, 19] },
  // Nuxt 4's default folders.
  {
    major: 3,
    packages: { nuxt: "3.21.11" },
    folders: { srcDir: "app", serverDir: "server" },
    from: [20, 0],
  },
];

describe.each(majorsOnNodes(versions))("Nuxt $major on Node $node.major", ({ packages, folders, node }) => {
  describe.each(ways)("$how", (way) => {
    let served: ServedApp;
    let url: string;
    beforeAll(async () => {
      const config = { ...folders, compatibilityDate: "2025-01-01", telemetry: false };
      const files = { "nuxt.config.js": `export default ${JSON.stringify(config)};\n` };
      served = await serveBuilt({ name: "nuxt", packages, files, build: ["nuxt", "build"], node }, way);
      ({ url } = served.app);
    });
    afterAll(() => served.end());

    test("it goes through a deploy: pages, routes of the API and the browser's files", async () => {
      const { body } = await visit(url, { headers: browser });
      const [asset = ""] = /\/_nuxt\/[^"]+\.js/.exec(body) ?? [];
      expect(asset).not.toBe("");
      await expectDeploy(url, served.deploy, {
        successes: ["/", "/quiet", "/api/hello", asset],
        errors: ["/render", "/orders", "/api/orders"],
        refusals: ["/missing", "/orders/_payload.json"],
      });
    });

    test("a page that fails is the app's own error page otherwise", async () => {
      const { status, body } = await visit(`${url}/orders`, { headers: browser });
      expect(status).toBe(500);
      expect(body).toContain("Something went wrong: 500");
    });

    test("a script of the app is told so in JSON", async () => {
      await served.deploy.intermission.createRelease("v1.2");
      const { status, headers, body } = await visit(`${url}/api/orders`, {
        headers: { accept: "application/json" },
      });
      expect(status).toBe(503);
      expect(headers["content-type"]).toMatch(/^application\/problem\+json/);
      expect(JSON.parse(body)).toMatchObject({ type: "urn:intermission:maintenance", status: 503 });
    });

    test("a page that does without what it could not get is a success", async () => {
      const { status, body } = await visit(`${url}/quiet`, { headers: browser });
      expect(status).toBe(200);
      expect(body).toContain("without orders: 500");
    });

    describeWithServer("somebody who is on a page already, in Chromium", installedChromium, () => {
      let chromium: Browser;
      beforeAll(async () => {
        chromium = await launchChromium();
      });
      afterAll(() => chromium.close());

      test("gets the page with a link to what fails, by the app's error page", async () => {
        await textAfterClick(chromium, url, "Orders", "right back");
      });

      test("sees a page that does without what it could not get", async () => {
        await textAfterClick(chromium, url, "Quiet", "without orders: 503");
      });
    });

    test("a closed site answers everything", async () => {
      await closeSite(url, served.deploy);
      for (const path of ["/", "/api/hello", "/missing"]) expect((await visit(url + path)).status).toBe(503);
    });
  });
});
