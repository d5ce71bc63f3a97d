import { existsSync } from "node:fs";
import { launch, type Browser, type Page } from "puppeteer-core";
import { afterAll, beforeAll, describe } from "vitest";

const executablePath = process.env["FIREFOX_PATH"] ?? "/usr/bin/firefox-esr";
const mustRun = process.env["CI"] === "true";

export interface FirefoxStage {
  /** Without what pages before it kept. */
  newPage(width: number): Promise<Page>;
}

/** A suite in a real Firefox. Skipped if there is none, but in CI that is a failure. */
export function describeInFirefox(
  name: string,
  colorScheme: "light" | "dark",
  suite: (stage: FirefoxStage) => void,
): void {
  describe.skipIf(!existsSync(executablePath) && !mustRun)(name, () => {
    let browser: Browser;

    beforeAll(async () => {
      browser = await launch({
        browser: "firefox",
        executablePath,
        // Firefox emulates neither by WebDriver BiDi, so they are settings of the whole browser.
        extraPrefsFirefox: {
          "layout.css.prefers-color-scheme.content-override": colorScheme === "dark" ? 0 : 1,
          "ui.prefersReducedMotion": 1,
        },
      });
    });
    afterAll(() => browser.close());

    suite({
      async newPage(width) {
        const context = await browser.createBrowserContext();
        const page = await context.newPage();
        page.setDefaultTimeout(5000);
        await page.setViewport({ width, height: 900 });
        return page;
      },
    });
  });
}
