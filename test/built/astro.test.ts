import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { visit, type Answer } from "../support/http.ts";
import { build, majors } from "./astro-app.ts";
import type { RunningApp } from "./built-app.ts";
import { bytesOf } from "./bytes.ts";
import { browser, expectDeploy } from "./deploy.ts";
import { majorsOnNodes } from "./majors.ts";
import { startTrio, type Trio } from "./trio.ts";

const example = new URL("../../src/frameworks/astro/example.ts", import.meta.url);
const command = ["dist/server/entry.mjs"] as const;
const paths = {
  successes: ["/", "/about", "/favicon.txt"],
  errors: ["/orders", "/api/orders", "/api/sent"],
  refusals: ["/missing", "/refused", "/old"],
};

describe.each(majorsOnNodes(majors))("Astro $major on Node $node.major", ({ packages, cache, node }) => {
  let trio: Trio;
  beforeAll(async () => {
    const adapter = { "src/middleware.ts": await readFile(example, "utf8") };
    const files = { "cache.config.js": `export default ${JSON.stringify(cache)};\n` };
    trio = await startTrio({ name: "astro", packages, files, build, node }, command, adapter);
  });
  afterAll(() => trio.end());

  test("is built without a store: pages are prerendered, and nothing is left behind", () => {
    for (const { folder } of trio.builds) {
      expect(existsSync(join(folder, "dist/client/about/index.html"))).toBe(true);
      expect(existsSync(join(folder, ".intermission"))).toBe(false);
    }
  });

  describe.each([
    { way: "with intermission/auto", app: () => trio.watched, deploy: () => trio.watchedDeploy },
    { way: "with its middleware", app: () => trio.adapted, deploy: () => trio.adaptedDeploy },
  ])("$way", ({ app, deploy }) => {
    test("goes through a deploy", async () => {
      await expectDeploy(app().url, deploy(), paths);
    });

    test("a success is, to the byte, what it is without Intermission", async () => {
      await deploy().intermission.createRelease("v1.2");
      // Files carry their build time.
      const asked = ["/", ...paths.refusals];
      expect(await bytesOf(app(), asked)).toEqual(await bytesOf(trio.bare, asked));
    });

    test("HEAD, endpoints and POST get the page in their form", async () => {
      const { url } = app();
      const head = await visit(`${url}/orders`, { method: "HEAD", headers: browser });
      expect([head.status, head.body]).toEqual([503, ""]);
      const headers = { accept: "application/json", "content-type": "application/json" };
      for (const method of ["GET", "POST"]) {
        const { body } = await visit(`${url}/api/orders`, { method, headers });
        expect(JSON.parse(body)).toMatchObject({ type: "urn:intermission:maintenance", status: 503 });
      }
    });

    test("what failed in a part of a page that has begun to be sent is what it is without Intermission", async () => {
      const late = async (server: RunningApp): Promise<unknown> => {
        const answer: Answer | string = await visit(`${server.url}/late`).catch(String);
        return typeof answer === "string" ? answer : [answer.status, answer.body];
      };
      expect(await late(app())).toEqual(await late(trio.bare));
    });

    test("what failed is logged, whether or not the page took its place", () => {
      const lines = app().output().split("Error: column orders.note does not exist").length;
      expect(lines).toBeGreaterThan(8);
    });
  });

  test("an error at any other time is the app's own page for it", async () => {
    await trio.adaptedDeploy.intermission.rollback("v1.0");
    const ask = (): Promise<Answer> => visit(`${trio.adapted.url}/orders`, { headers: browser });
    await expect.poll(async () => (await ask()).status, { timeout: 20_000 }).toBe(500);
    const { headers, body } = await ask();
    expect([headers["x-oh"], body.includes("Oh no")]).toEqual(["no", true]);
  });

  test("a closed site is closed from the first request on, but for files", async () => {
    const { environment, intermission } = trio.adaptedDeploy;
    await intermission.switchOn({ mode: "closed", wait: false });
    const [, built] = trio.builds;
    const app = await built.start({ command, environment });
    try {
      // Starting it made one request.
      expect(app.output()).not.toContain("Error");
      const { url } = app;
      expect((await visit(url, { headers: browser })).status).toBe(503);
      expect((await visit(`${url}/favicon.txt`)).status).toBe(200);
    } finally {
      await app.stop();
    }
  });
});
