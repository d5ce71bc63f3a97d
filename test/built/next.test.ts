import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { cp, mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { describeWithServer } from "../servers/describe-with-server.ts";
import { visit } from "../support/http.ts";
import { buildApp, startApp, type BuiltApp, type RunningApp, type StartPlan } from "./built-app.ts";
import { installedChromium, launchChromium, textAfterClick } from "./chromium.ts";
import {
  beginDeploy,
  closeSite,
  browser as asBrowser,
  expectDeploy,
  type Deploy,
  type Paths,
} from "./deploy.ts";
import { majorsOnNodes, type Major } from "./majors.ts";

const example = new URL("../../src/frameworks/next/example.ts", import.meta.url);
const secret = "column orders.note does not exist";

const packagesOf = (next: string): Readonly<Record<string, string>> => ({
  next,
  react: "19.2.0",
  "react-dom": "19.2.0",
  libsql: "0.5.29",
});

const versions: readonly Major[] = [
  { major: 16, packages: packagesOf("16.4.6"), from: [20, 9] },
  { major: 15, packages: packagesOf("15.5.29"), from: [20, 9] },
];

const paths: Paths = {
  successes: ["/", "/prepared", "/late", "/act", "/api/hello", "/legacy"],
  errors: ["/boom", "/slow", "/api/boom", "/legacy/boom", "/api/legacy-boom"],
  refusals: ["/missing", "/moved"],
};

const nextStart: StartPlan["command"] = [
  "node_modules/next/dist/bin/next",
  "start",
  "-p",
  "{port}",
  "-H",
  "127.0.0.1",
];

describe.each(majorsOnNodes(versions))("Next.js $major on Node $node.major", ({ packages, node }) => {
  let built: BuiltApp;
  beforeAll(async () => {
    built = await buildApp({
      name: "next",
      packages,
      files: { "instrumentation.ts": readFileSync(example, "utf8") },
      build: ["next", "build"],
      node,
    });
  });
  afterAll(() => built.remove());

  const starts: readonly (readonly [string, StartPlan])[] = [
    ["next start", { command: nextStart }],
    ["a standalone server", { command: [".next/standalone/server.js"] }],
  ];

  describe.each(starts)("%s with instrumentation", (_, plan) => {
    let deploy: Deploy;
    let app: RunningApp;
    beforeAll(async () => {
      deploy = await beginDeploy();
      app = await built.start({ ...plan, environment: deploy.environment });
    });
    afterAll(async () => {
      await app.stop();
      await deploy.end();
    });

    test("goes through a deploy, and tells of what was thrown", async () => {
      await expectDeploy(app.url, deploy, paths);
      for (const path of paths.errors) expect(app.output()).toContain(`masked ${path} Error: ${secret}`);
    });
  });

  test("a standalone build alone, as in an image, has auto and the command line with it", async () => {
    const image = await mkdtemp(join(tmpdir(), "intermission-standalone-"));
    onTestFinished(() => rm(image, { recursive: true }));
    await cp(join(built.folder, ".next/standalone"), image, { recursive: true, verbatimSymlinks: true });
    const deploy = await beginDeploy();
    const plan = { node, auto: true, environment: deploy.environment };
    const app = await startApp(image, { ...plan, command: ["server.js"] });
    onTestFinished(async () => {
      await app.stop();
      await deploy.end();
    });
    await expectDeploy(app.url, deploy, paths);
    const program = join(image, "node_modules/intermission/dist/cli/main.js");
    const words = [program, "create-release", "v9.9", "--no-wait"];
    const env = { PATH: process.env["PATH"], ...deploy.environment };
    const { stderr } = await promisify(execFile)(node.path, words, { cwd: image, env });
    expect(stderr).toBe("");
    expect((await deploy.intermission.status()).currentRelease).toBe("v9.9");
  });

  describeWithServer("somebody who is on a page already, in Chromium", installedChromium, () => {
    let browser: Browser;
    let deploy: Deploy;
    let app: RunningApp;
    beforeAll(async () => {
      browser = await launchChromium();
      deploy = await beginDeploy();
      await deploy.intermission.createRelease("v1.1");
      app = await built.start({ command: nextStart, environment: deploy.environment });
      await vi.waitFor(async () => {
        expect((await visit(`${app.url}/boom`)).status).toBe(503);
      }, 10_000);
    });
    afterAll(async () => {
      await browser.close();
      await app.stop();
      await deploy.end();
    });

    test.each([
      ["/", "boom", "a page that throws"],
      ["/", "slow", "a page that throws later"],
      ["/legacy", "boom", "a page of the pages router"],
    ])("follows a link from %s to %s: %s", async (from, name) => {
      expect(await textAfterClick(browser, app.url + from, name, "right back")).not.toContain(secret);
    });

    test("keeps the error boundary where a page has an answer but for a part of it", async () => {
      const text = await textAfterClick(browser, app.url, "late", "Something went wrong");
      expect(text).not.toContain("right back");
    });

    test("has a server action fail, and not the page load", async () => {
      const text = await textAfterClick(browser, `${app.url}/act`, "Save", "Something went wrong");
      expect(text).not.toContain("right back");
    });

    test("gets the page with the next link once the site is closed, wherever it leads", async () => {
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(app.url, { waitUntil: "networkidle" });
      await closeSite(app.url, deploy);
      await page.getByText("act", { exact: true }).click();
      await page.getByText("right back").waitFor();
      expect(page.url()).toBe(`${app.url}/act`);
      await context.close();
    });
  });

  describe("the same app without instrumentation", () => {
    let bare: RunningApp;
    let watched: RunningApp;
    let deploy: Deploy;
    beforeAll(async () => {
      deploy = await beginDeploy();
      await deploy.intermission.createRelease("v1.1");
      const { environment } = deploy;
      watched = await built.start({ command: nextStart, environment });
      const file = join(built.folder, ".next/server/instrumentation.js");
      await rename(file, `${file}.away`);
      bare = await built.start({ command: nextStart, environment });
    });
    afterAll(async () => {
      await Promise.all([bare.stop(), watched.stop()]);
      await deploy.end();
    });

    const answerOf = async (url: string): Promise<object> => {
      const { status, headers, body } = await visit(url, { headers: asBrowser });
      return { status, headers: { ...headers, date: "" }, body };
    };

    test.each([...paths.successes, ...paths.refusals].filter((path) => path !== "/late"))(
      "answers %s alike, to the byte",
      async (path) => {
        expect(await answerOf(watched.url + path)).toEqual(await answerOf(bare.url + path));
      },
    );

    test("has its errors masked by node --import intermission/auto", async () => {
      const fresh = await beginDeploy();
      const app = await built.start({ command: nextStart, auto: true, environment: fresh.environment });
      await expectDeploy(app.url, fresh, paths);
      await app.stop();
      await fresh.end();
    });
  });
});
