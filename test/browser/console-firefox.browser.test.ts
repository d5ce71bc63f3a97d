import { AxeBuilder } from "@axe-core/playwright";
import { expect, onTestFinished, test } from "vitest";
import { createIntermission } from "../../src/engine/create.ts";
import { startConsole } from "../../src/server/console/index.ts";
import { memoryStore } from "../../src/stores/memory/index.ts";
import { playDeploy, type PlayedDeploy } from "../support/played-deploy.ts";
import type { Stage } from "./chromium.ts";
import { describeInFirefox } from "./firefox.ts";

async function openConsole(stage: Stage, width: number, played: PlayedDeploy = {}) {
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
  onTestFinished(async () => {
    await running.close();
    await intermission.close();
  });
  const page = await stage.newPage({ viewport: { width, height: 900 } });
  await page.goto(running.url);
  await page.locator("#status").waitFor({ timeout: 15_000 });
  return { page, intermission, deployPage: new URL(`/deploys/${String(begunAt)}/`, running.url).href };
}

describeInFirefox(
  "the console in Firefox, dark, with less motion",
  (stage) => {
    test("opens by its address alone, shows a change without a reload, and moves nothing", async () => {
      const { page, intermission } = await openConsole(stage, 1280);
      expect(page.url()).not.toContain("token");
      await page.evaluate("document.body.dataset.same = 'yes'");
      await intermission.closeDeploy({ outcome: "succeeded", wait: false });
      await page.getByText("None is open").waitFor();
      expect(await page.evaluate("document.body.dataset.same")).toBe("yes");
      expect(await page.evaluate("document.getAnimations().length")).toBe(0);
    });

    test("leads to a deploy's page and back, by keyboard alone", async () => {
      const { page, deployPage } = await openConsole(stage, 1280);
      await page.locator("#releases a").first().press("Enter");
      await page.waitForURL(deployPage);
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await page.locator("#status").waitFor();
    });

    test("can be used by everybody, on a phone as on a wide screen, with 1,000 instances", async () => {
      const played = { instances: 1000, replaced: 600, releases: 200 };
      const { page, deployPage } = await openConsole(stage, 360, played);
      for (const address of [page.url(), deployPage]) {
        // The other modes of axe open a page more, which takes Firefox long.
        await page.goto(address);
        const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
        expect(violations.map(({ id }) => id)).toEqual([]);
        for (const width of [360, 768, 1280, 1920]) {
          await page.setViewportSize({ width, height: 900 });
          const overflow = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
          expect(overflow, `${address} at ${String(width)} px`).toBeLessThanOrEqual(0);
        }
      }
    }, 60_000);
  },
  { colorScheme: "dark" },
);
