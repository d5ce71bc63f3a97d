import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { visit, type Answer } from "../support/http.ts";
import { build, packages } from "./astro-app.ts";
import { buildApp, type BuiltApp, type RunningApp, type StartPlan } from "./built-app.ts";
import { bytesOf } from "./bytes.ts";
import { beginDeploy, browser, expectDeploy, type Deploy } from "./deploy.ts";
import { nodesFrom } from "./nodes.ts";

const example = new URL("../../src/frameworks/astro/example.ts", import.meta.url);
const paths = {
  successes: ["/", "/about", "/favicon.txt"],
  errors: ["/orders", "/api/orders", "/api/sent"],
  refusals: ["/missing", "/refused", "/old"],
};

describe.each(nodesFrom(20))("Astro 5 on Node $major", (node) => {
  const builds: BuiltApp[] = [];
  const running: RunningApp[] = [];
  const deploys: Deploy[] = [];
  let bare: RunningApp;
  let hooked: RunningApp;
  let watched: RunningApp;

  async function buildWith(files: Readonly<Record<string, string>>): Promise<BuiltApp> {
    const built = await buildApp({ name: "astro", packages, build, node, files });
    builds.push(built);
    return built;
  }
  async function start(built: BuiltApp, plan: Partial<StartPlan>): Promise<RunningApp> {
    const app = await built.start({ command: ["dist/server/entry.mjs"], ...plan });
    running.push(app);
    return app;
  }

  beforeAll(async () => {
    deploys.push(await beginDeploy(), await beginDeploy());
    const [first, second] = deploys.map(({ environment }) => environment);
    const plain = await buildWith({});
    bare = await start(plain, {});
    watched = await start(plain, { auto: true, environment: first ?? {} });
    const middleware = await buildWith({ "src/middleware.ts": await readFile(example, "utf8") });
    hooked = await start(middleware, { environment: second ?? {} });
  });
  afterAll(async () => {
    await Promise.all(running.map((app) => app.stop()));
    await Promise.all(deploys.map((deploy) => deploy.end()));
    await Promise.all(builds.map((built) => built.remove()));
  });

  test("is built without a store: pages are prerendered, and nothing is left behind", () => {
    for (const { folder } of builds) {
      expect(existsSync(join(folder, "dist/client/about/index.html"))).toBe(true);
      expect(existsSync(join(folder, ".intermission"))).toBe(false);
    }
  });

  describe.each([
    { way: "with intermission/auto", app: () => watched, deploy: () => deploys[0] as Deploy },
    { way: "with its middleware", app: () => hooked, deploy: () => deploys[1] as Deploy },
  ])("$way", ({ app, deploy }) => {
    test("goes through a deploy", async () => {
      await expectDeploy(app().url, deploy(), paths);
    });

    test("a success is, to the byte, what it is without Intermission", async () => {
      await deploy().intermission.createRelease("v1.2");
      // Files carry the time of their build.
      const asked = ["/", ...paths.refusals];
      expect(await bytesOf(app(), asked)).toEqual(await bytesOf(bare, asked));
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
      expect(await late(app())).toEqual(await late(bare));
    });

    test("what failed is logged, whether or not the page took its place", () => {
      const lines = app().output().split("Error: column orders.note does not exist").length;
      expect(lines).toBeGreaterThan(8);
    });
  });

  test("an error at any other time is the app's own page for it", async () => {
    await deploys[1]?.intermission.rollback("v1.0");
    const ask = (): Promise<Answer> => visit(`${hooked.url}/orders`, { headers: browser });
    await expect.poll(async () => (await ask()).status, { timeout: 20_000 }).toBe(500);
    const { headers, body } = await ask();
    expect([headers["x-oh"], body.includes("Oh no")]).toEqual(["no", true]);
  });

  test("a closed site is closed from the first request on, but for files", async () => {
    const { environment, intermission } = deploys[1] as Deploy;
    await intermission.switchOn({ mode: "closed", wait: false });
    const [, built] = builds;
    const app = await built?.start({ command: ["dist/server/entry.mjs"], environment });
    try {
      // Who started it has asked once.
      expect(app?.output()).not.toContain("Error");
      const url = app?.url ?? "";
      expect((await visit(url, { headers: browser })).status).toBe(503);
      expect((await visit(`${url}/favicon.txt`)).status).toBe(200);
    } finally {
      await app?.stop();
    }
  });
});
