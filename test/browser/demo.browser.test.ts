import { existsSync } from "node:fs";
import { join } from "node:path";
import { chromium, type Browser, type FrameLocator, type Page, type Response } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { built } from "../support/built.ts";
import type { Demonstration } from "../../src/demo/index.ts";

const executablePath = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";
const mustRun = process.env["CI"] === "true";
/** A folder to write pictures to, for the README. */
const pictures = process.env["SCREENSHOTS"];

// Its processes run the built code, so the test does too.
const { startDemonstration } = (await import(
  built("demo/index.js")
)) as typeof import("../../src/demo/index.ts");

describe.skipIf(!existsSync(executablePath) && !mustRun)("the demonstration in Chromium", () => {
  let browser: Browser;
  let demonstration: Demonstration;
  let page: Page;
  let visitor: FrameLocator;
  const complaints: string[] = [];
  const outside: string[] = [];

  beforeAll(async () => {
    demonstration = await startDemonstration(pictures === undefined ? { port: 0 } : {});
    const switches =
      "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";
    browser = await chromium.launch({ executablePath, args: switches.split(" ") });
    page = await browser.newPage({ viewport: { width: 1280, height: 900 }, reducedMotion: "reduce" });
    page.setDefaultTimeout(10_000);
    page.on("pageerror", ({ message }) => complaints.push(message));
    page.on("console", (message) => {
      // The browser itself logs each 5xx.
      if (message.type() === "error" && !message.text().includes("the server responded with a status of 5")) {
        complaints.push(message.text());
      }
    });
    page.on("request", (request) => {
      const { protocol, origin } = new URL(request.url());
      if (protocol !== "data:" && `${origin}/` !== demonstration.siteAddress) outside.push(request.url());
    });
    visitor = page.frameLocator("iframe");
    await page.goto(demonstration.panelAddress);
  });
  afterAll(async () => {
    await browser.close();
    await demonstration.close();
  });

  /** The next answer to the visitor's browser. */
  const nextVisit = (): Promise<Response> =>
    page.waitForResponse(
      (response) => response.frame() !== page.mainFrame() && response.request().isNavigationRequest(),
    );

  /** Presses a button of the panel and waits until its work is done and the visitor has come again. */
  async function press(name: string): Promise<void> {
    const button = page.getByRole("button", { name });
    const isStep = (await button.locator("xpath=ancestor::section").count()) > 0;
    const done = page.waitForResponse((response) => response.url().includes("/-/actions/"));
    const visited = isStep ? nextVisit() : undefined;
    await button.click();
    expect((await done).status()).toBe(200);
    await (await visited)?.finished();
  }

  /** Repeats the visit, because the machines take turns, until an answer has that status. */
  async function visitUntil(status: number, visit: () => Promise<void>): Promise<void> {
    for (let attempt = 0; attempt < 20; attempt++) {
      const answered = nextVisit();
      await visit();
      const answer = await answered;
      await answer.finished();
      if (answer.status() === status) return;
      await visitor.locator("h1").waitFor();
    }
    throw new Error(`No machine answered ${String(status)}.`);
  }

  const reload = (): Promise<void> => page.getByRole("button", { name: "Reload" }).click();

  async function picture(name: string): Promise<void> {
    if (pictures !== undefined) await page.screenshot({ path: join(pictures, `${name}.png`) });
  }

  test("shows the guest book, and says what can't be done yet and why", async () => {
    await visitor.getByRole("heading", { name: "The guest book" }).waitFor();
    await page.getByText("The app’s own answer, untouched.").waitFor();
    const migration = page.getByRole("button", { name: "Run the migration" });
    expect(await migration.isDisabled()).toBe(true);
    expect(await migration.getAttribute("title")).toBe("First: Make the new machine.");
  });

  test("shows the visitor the page when the migration breaks the old machines", async () => {
    await press("Make the new machine");
    await press("Create release");
    await press("Run the migration");
    await visitUntil(503, reload);
    await visitor.getByRole("heading", { name: "We’ll be right back" }).waitFor();
    await page.getByText("The visitor got the page: its release is not the current one.").waitFor();
    // Both old machines masked an error, and the new one answered a few times.
    await page.locator("#machines .page").nth(1).waitFor();
    await page.locator("#machines li", { hasText: /web-3.*[3-9] fine/ }).waitFor();
    await page.mouse.move(0, 0);
    await picture("demo");
  });

  test("tells a visitor who signs that the line may not have been saved", async () => {
    await visitUntil(503, () => page.getByRole("button", { name: "Sign it" }).click());
    await visitor.getByText("What you sent may not have been saved.").waitFor();
  });

  test("fits on a phone", async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    const width = await page.evaluate<number>("document.documentElement.scrollWidth");
    await page.setViewportSize({ width: 1280, height: 900 });
    expect(width).toBeLessThanOrEqual(360);
  });

  test("keeps to the last known state while the store is locked, and says so", async () => {
    await press("Stop the store");
    await page.getByText("v1.1 (last known)").waitFor();
    await visitUntil(503, reload);
    expect(await page.getByRole("button", { name: "Roll back" }).isDisabled()).toBe(true);
    await press("Start the store");
    await page.getByText("(last known)").waitFor({ state: "hidden" });
  });

  test("lets the site return when the old machines are replaced", async () => {
    await press("Replace the old machines");
    await visitUntil(200, reload);
    await visitor.getByRole("heading", { name: "The guest book" }).waitFor();
    await page.locator("#machines .release", { hasText: "v1.0" }).first().waitFor({ state: "detached" });
    await visitUntil(500, () => page.locator(".bar").getByText("A page with a bug").click());
    await page.getByText("The regular error: its release is the current one.").waitFor();
  });

  test("shows the page for every error in manual mode", async () => {
    await press("Manual mode");
    await visitUntil(503, reload);
    await page.getByText("The visitor got the page: manual mode is on.").waitFor();
  });

  test("starts over", async () => {
    await press("Start over");
    await page.locator("[data-action=make-machine][data-state=next]").waitFor();
    await page.locator("#machines .release", { hasText: "v1.0" }).nth(1).waitFor();
    await page.getByRole("button", { name: "Manual mode Every" }).waitFor();
  });

  test("asks nobody but itself, and keeps to its own content policy", () => {
    expect(outside).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
