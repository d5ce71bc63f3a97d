import { AxeBuilder } from "@axe-core/playwright";
import type { BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { languages } from "../../src/core/settings/page-options.ts";
import { describeInChromium, minute, type Stage } from "../browser/chromium.ts";
import { describeInFirefox } from "../browser/firefox.ts";
import { serveSite, type Served } from "./served.ts";

/** One of each kind of page. */
const kinds = ["", "your-lines.html", "look.html", "deploying.html"];
const phone = { width: 360, height: 740 };
const desktop = { width: 1280, height: 800 };
const patience = 2 * minute;

let site: Served;
beforeAll(async () => {
  site = await serveSite(inject("siteFolder"));
});
afterAll(() => site.close());

/** A page, and everything it complains of or loads from elsewhere. */
async function open(
  stage: Stage,
  path: string,
  options: BrowserContextOptions = {},
): Promise<{ page: Page; complaints: string[] }> {
  const page = await stage.newPage({ viewport: desktop, ...options });
  page.setDefaultTimeout(30_000);
  const complaints: string[] = [];
  page.on("pageerror", ({ message }) => complaints.push(message));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("request", (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol.startsWith("http") && origin !== new URL(site.address).origin)
      complaints.push(request.url());
  });
  await page.goto(site.address + path);
  return { page, complaints };
}

const scrollsSideways = (page: Page): Promise<boolean> =>
  page.evaluate("document.documentElement.scrollWidth > innerWidth");

/** What every browser must do. */
function inAnyBrowser(stage: Stage, looked: readonly string[]): void {
  test(
    "axe objects to no kind of page, none is wider than a phone, none complains or asks another host",
    { timeout: patience },
    async () => {
      for (const path of looked) {
        const { page, complaints } = await open(stage, path, { viewport: phone });
        const { violations } = await new AxeBuilder({ page }).exclude("iframe").analyze();
        const found = violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
        expect.soft(found, path).toEqual([]);
        expect.soft(await scrollsSideways(page), path).toBe(false);
        expect.soft(complaints, path).toEqual([]);
        await page.context().close();
      }
    },
  );

  test(
    "the picker works by keyboard, and its address brings the same lines to another person",
    { timeout: patience },
    async () => {
      const { page } = await open(stage, "your-lines.html");
      const lines = page.locator(".picked");
      const framework = page.locator("select[name=framework]");
      await page.locator("select[name=framework]:enabled").waitFor();
      await framework.focus();
      await page.keyboard.type("Fastif");
      await expect.poll(() => lines.textContent()).toContain('from "intermission/fastify"');
      await page.keyboard.press("Tab");
      await page.keyboard.type("Redis");
      await page.keyboard.press("Tab");
      await page.keyboard.type("Fly");
      await expect.poll(() => new URL(page.url()).search).toBe("?framework=fastify&store=redis&platform=fly");
      const text = await lines.textContent();
      expect(text).toContain("MAINTENANCE_STORE=redis://");
      expect(text).toContain("intermission deploy -- npm run migrate");

      const { page: other } = await open(stage, `your-lines.html${new URL(page.url()).search}`);
      await other.locator("select[name=framework]:enabled").waitFor();
      await expect.poll(() => other.locator(".picked").textContent()).toBe(text);
    },
  );

  test("the search finds a setting by keyboard alone", { timeout: patience }, async () => {
    const { page, complaints } = await open(stage, "start.html");
    await page.getByRole("button", { name: "Search" }).focus();
    await page.keyboard.press("Enter");
    const input = page.locator("#localsearch-input");
    await input.waitFor();
    await page.keyboard.type("MAINTENANCE_MAX_WINDOW");
    await page.locator(".result", { hasText: "Settings" }).first().waitFor();
    await page.keyboard.press("Enter");
    await expect.poll(() => new URL(page.url()).pathname).not.toContain("start.html");
    expect(complaints).toEqual([]);
  });
}

describeInFirefox(
  "the site in Firefox",
  (stage) => {
    inAnyBrowser(stage, ["", "settings.html"]);
  },
  { colorScheme: "dark" },
);

describeInChromium("the site in Chromium", (stage) => {
  inAnyBrowser(stage, kinds);

  test(
    "axe objects to nothing in the dark, on a desktop, or where nothing is found",
    { timeout: patience },
    async () => {
      for (const path of ["", "your-lines.html", "not-there.html"]) {
        const { page } = await open(stage, path, { colorScheme: "dark" });
        const { violations } = await new AxeBuilder({ page }).exclude("iframe").analyze();
        expect
          .soft(
            violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`)),
            path,
          )
          .toEqual([]);
        await page.context().close();
      }
    },
  );

  test("the first Tab leads past the menu to the text, and the guides lead on in one order", async () => {
    const { page } = await open(stage, "start.html");
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.textContent.trim()")).toBe("Skip to content");
    const order = ["Your lines", "How it decides", "Frameworks"];
    for (const title of order) {
      await page.locator(".pager-link.next").click();
      await page.getByRole("heading", { level: 1, name: title }).waitFor();
    }
    await page.locator(".pager-link.prev").click();
    await page.getByRole("heading", { level: 1, name: "How it decides" }).waitFor();
  });

  describe("the start page", () => {
    const playing = "document.getAnimations().filter(({ playState }) => playState === 'running').length";

    test("moves, and holds on request, also without script", async () => {
      const { page } = await open(stage, "", { javaScriptEnabled: false, reducedMotion: "no-preference" });
      const { page: scripted } = await open(stage, "", { reducedMotion: "no-preference" });
      expect(await scripted.evaluate(playing)).toBeGreaterThan(3);
      await scripted.getByLabel("Hold the pictures").check();
      expect(await scripted.evaluate(playing)).toBe(0);
      await page.getByLabel("Hold the pictures").check();
      expect(await page.getByText("npx intermission demo").isVisible()).toBe(true);
    });

    test("stands still, with all its pictures, for whoever wants no motion", async () => {
      const { page } = await open(stage, "", { reducedMotion: "reduce" });
      expect(await page.evaluate("document.getAnimations().length")).toBe(0);
      const opacities =
        "[...document.querySelectorAll('.story img')].map((one) => getComputedStyle(one).opacity)";
      expect(await page.evaluate(opacities)).toEqual(["1", "1", "1", "1"]);
    });
  });

  test("without script the picker says what to do instead, and shows lines that work", async () => {
    const { page } = await open(stage, "your-lines.html", { javaScriptEnabled: false });
    expect(await page.locator(".without-script").isVisible()).toBe(true);
    expect(await page.locator(".picked").textContent()).toContain("app.use(maintenancePage());");
  });

  test("the page is there in each language, with its direction, in the frame that a link opens", async () => {
    const { page, complaints } = await open(stage, "look.html");
    expect(await page.locator(".languages li").count()).toBe(languages.length);
    await page.locator(".choice").waitFor();
    const frame = page.frameLocator("iframe[name=shown-page]");
    for (const [tag, direction] of [
      ["ar", "rtl"],
      ["he", "rtl"],
      ["ja", "ltr"],
    ] as const) {
      await page.locator(`.languages a:has([lang=${tag}])`).click();
      await frame.locator(`html[lang=${tag}][dir=${direction}]`).waitFor({ state: "attached" });
    }
    await page.locator(".choice select").selectOption("terminal");
    await expect.poll(() => page.locator("iframe").getAttribute("src")).toMatch(/shown\/terminal\/ja\.html$/);
    expect(complaints).toEqual([]);
  });
});
