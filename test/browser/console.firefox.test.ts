import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, onTestFinished, test } from "vitest";
import type { Page } from "puppeteer-core";
import { createIntermission } from "../../src/engine/create.ts";
import { startConsole } from "../../src/server/console/index.ts";
import { memoryStore } from "../../src/stores/memory/index.ts";
import { playDeploy, type PlayedDeploy } from "../support/played-deploy.ts";
import { describeInFirefox, type FirefoxStage } from "./firefox.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

async function openConsole(stage: FirefoxStage, width: number, played: PlayedDeploy = {}) {
  const store = memoryStore();
  const { begunAt } = await playDeploy(store, played);
  const intermission = createIntermission(
    { store, app: "shop", logger: { warn() {}, error() {} } },
    { environment: {}, watching: false, by: "deploy@runner-7" },
  );
  const running = await startConsole({
    ...{ store, app: "shop", listen: { host: "127.0.0.1", port: 0 } },
    ...{ readOnly: false, hosts: [], environment: {} },
  });
  const page = await stage.newPage(width);
  onTestFinished(async () => {
    await page.browserContext().close();
    await running.close();
    await intermission.close();
  });
  await page.goto(running.url);
  await page.waitForSelector("#status");
  return { page, intermission, deployPage: new URL(`/deploys/${String(begunAt)}/`, running.url).href };
}

async function violationsOf(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe);
  return page.evaluate("axe.run().then(({ violations }) => violations.map(({ id }) => id))") as Promise<
    readonly string[]
  >;
}

const overflowOf = (page: Page): Promise<unknown> =>
  page.evaluate("document.documentElement.scrollWidth - innerWidth");

describeInFirefox("the console in Firefox, dark, with less motion", "dark", (stage) => {
  test("opens by its address alone, shows a change without a reload, and moves nothing", async () => {
    const { page, intermission } = await openConsole(stage, 1280);
    expect(page.url()).not.toContain("token");
    await page.evaluate("document.body.dataset.same = 'yes'");
    await intermission.closeDeploy({ outcome: "succeeded", wait: false });
    await page.waitForFunction("document.querySelector('#deploy').textContent.includes('None is open')");
    expect(await page.evaluate("document.body.dataset.same")).toBe("yes");
    expect(await page.evaluate("document.getAnimations().length")).toBe(0);
    expect(await page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")).toBe(true);
  });

  test("leads to a deploy's page and back, by keyboard alone", async () => {
    const { page, deployPage } = await openConsole(stage, 1280);
    await page.evaluate("document.querySelector('#releases a').focus()");
    await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
    expect(page.url()).toBe(deployPage);
    await page.keyboard.press("Tab");
    await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
    expect(await page.$("#status")).not.toBeNull();
  });

  test("can be used by everybody, on a phone as on a wide screen, with 1,000 instances", async () => {
    const { page, deployPage } = await openConsole(stage, 360, {
      instances: 1000,
      replaced: 600,
      releases: 200,
    });
    for (const address of [page.url(), deployPage]) {
      await page.goto(address);
      expect(await violationsOf(page)).toEqual([]);
      for (const width of [360, 768, 1280, 1920]) {
        await page.setViewport({ width, height: 900 });
        expect(await overflowOf(page), `${address} at ${String(width)} px`).toBeLessThanOrEqual(0);
      }
    }
  });
});
