import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { AxeBuilder } from "@axe-core/playwright";
import { expect, onTestFinished, test } from "vitest";
import { createIntermission } from "../../src/engine/create.ts";
import { encodeReport } from "../../src/reports/report.ts";
import { startConsole } from "../../src/server/console/index.ts";
import { memoryStore } from "../../src/stores/memory/index.ts";
import { describeInChromium, type Stage } from "./chromium.ts";

/** The console of an app during a deploy, opened by the address that the command prints. */
async function openConsole(
  stage: Stage,
  options: { readonly colorScheme?: "dark"; readonly width?: number } = {},
) {
  const store = memoryStore();
  const intermission = createIntermission(
    { store, app: "shop", logger: { warn() {}, error() {} } },
    { environment: {}, watching: false, by: "deploy@runner-7" },
  );
  await intermission.createRelease("v1.0", { wait: false });
  await intermission.openDeploy({ release: "v1.1", lease: 600_000, takes: 300_000, wait: false });
  for (let index = 0; index < 12; index++) {
    const at = Date.now();
    const kind = {
      release: "v1.1",
      status: 500,
      route: "/orders/:id",
      error: "DatabaseError",
      code: "42703",
    };
    const report = encodeReport({
      ...{ name: `web-${String(index)}`, host: "web", pid: index, version: "0.2.0", startedAt: at },
      ...{ release: index < 7 ? "v1.1" : "v1.0", stopped: false },
      masked: index < 7 ? [] : [{ ...kind, count: 3 * index, firstAt: at - 9000, lastAt: at }],
    });
    await store.reports?.put("shop", `id-${String(index)}`, report, 60_000);
  }
  const running = await startConsole({
    ...{
      store,
      app: "shop",
      listen: { host: "127.0.0.1", port: 0 },
      readOnly: false,
      hosts: [],
      environment: {},
    },
  });
  onTestFinished(async () => {
    await running.close();
    await intermission.close();
  });
  const { colorScheme = "light", width = 1280 } = options;
  const page = await stage.newPage({ colorScheme, viewport: { width, height: 900 } });
  const complaints: string[] = [];
  page.on("console", (message) => {
    // The page that asks for the token is a 401, and the visitors' page a 503.
    if (message.type() === "error" && !/ 401 | 503 /.test(message.text())) complaints.push(message.text());
  });
  await page.goto(running.url);
  await page.getByRole("heading", { name: "Status" }).waitFor();
  return { page, intermission, running, complaints };
}

/** Without what depends on the time of day. */
const stable = (words: string): string => words.replace(/\d+ (?:s|min)( ago)?/g, "");

describeInChromium("the console", (stage) => {
  test("opens by its address alone, and keeps the token out of it", async () => {
    const { page, complaints } = await openConsole(stage);
    expect(page.url()).not.toContain("token");
    await expect.poll(() => page.locator("#instances").textContent()).toContain("7 instances");
    expect(complaints).toEqual([]);
  });

  test("opens a link to a deploy after signing in, and without it for whoever has done so", async () => {
    const { page, running, complaints } = await openConsole(stage);
    const deploy = await page.getByRole("link", { name: "v1.1" }).first().getAttribute("href");
    const link = new URL(deploy ?? "", running.url).href;

    const stranger = await stage.newPage();
    await stranger.goto(link);
    await stranger.getByLabel("Token").fill(new URL(running.url).hash.slice("#token=".length));
    await stranger.getByLabel("Token").press("Enter");
    await stranger.getByRole("heading", { name: "What happened" }).waitFor();
    expect(stranger.url()).toBe(link);

    const elsewhere = createServer((_, response) => {
      response.writeHead(200, { "content-type": "text/html" }).end(`<a href="${link}">the deploy</a>`);
    });
    await new Promise<void>((listening) => elsewhere.listen(0, "127.0.0.1", listening));
    onTestFinished(() => {
      elsewhere.closeAllConnections();
      elsewhere.close();
    });
    // Another site, for which the session's cookie is not meant.
    await page.goto(`http://localhost:${String((elsewhere.address() as AddressInfo).port)}/`);
    await page.getByRole("link").click();
    await page.getByRole("heading", { name: "What happened" }).waitFor();
    expect(page.url()).toBe(link);
    expect(complaints).toEqual([]);
  });

  test("shows what was changed elsewhere within a second, without a reload", async () => {
    const { page, intermission } = await openConsole(stage);
    const board = await page.evaluateHandle("document.body");
    await intermission.closeDeploy({ outcome: "succeeded", wait: false });
    await expect
      .poll(() => page.locator("#deploy").textContent(), { timeout: 3000 })
      .toContain("None is open");
    expect(await board.evaluate((body: object & { isConnected?: boolean }) => body.isConnected)).toBe(true);
  });

  test("closes the site after it has shown the page, by keyboard alone", async () => {
    const { page, complaints } = await openConsole(stage);
    await page.getByRole("link", { name: "Turn manual mode on" }).press("Enter");
    await page.getByLabel("What gets the page").selectOption("closed");
    await page.getByLabel("Message").fill("Back at noon");
    await page.getByLabel("Message").press("Enter");
    await expect
      .poll(() => page.frameLocator("iframe").locator("body").textContent())
      .toContain("Back at noon");
    await page.getByRole("button", { name: "Turn it on" }).press("Enter");
    await page.getByText("intermission-bypass=").waitFor();
    await page.getByRole("link", { name: "Back to the console" }).press("Enter");
    await page.getByText("The site is closed").first().waitFor();
    expect(complaints).toEqual([]);
  });

  test("replays a deploy on a page of its own, live, and the same after a reload", async () => {
    const { page, intermission, complaints } = await openConsole(stage);
    await page.getByRole("link", { name: "v1.1" }).first().press("Enter");
    await page.getByRole("heading", { name: "What happened" }).waitFor();
    await page.getByText("As a table").click();
    await intermission.closeDeploy({ outcome: "failed", note: "exit 1", restore: true, wait: false });
    await page.getByText("v1.0 became current again").waitFor();
    expect(await page.locator("details").getAttribute("open")).not.toBeNull();
    await page.getByText("Deploy failed (exit 1)").waitFor();
    const words = await page.locator("#timeline").innerText();
    await page.reload();
    await page.getByText("v1.0 became current again").waitFor();
    expect(stable(await page.locator("#timeline").innerText())).toBe(stable(words));
    expect(complaints).toEqual([]);
  });

  test.each([
    ["light", {}],
    ["dark, on a phone", { colorScheme: "dark", width: 390 }],
  ] as const)("can be used by everybody: %s", async (_, options) => {
    const { page } = await openConsole(stage, options);
    for (const link of [undefined, "v1.1"]) {
      if (link !== undefined) await page.getByRole("link", { name: link }).first().click();
      await page.getByText("As a table").click();
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.map(({ id }) => id)).toEqual([]);
      const overflow = await page.evaluate<number>("document.documentElement.scrollWidth - innerWidth");
      expect(overflow).toBeLessThanOrEqual(0);
    }
  });
});
