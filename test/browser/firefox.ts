import { join } from "node:path";
import { firefox } from "playwright-core";
import { describeInBrowser, minute, type Stage } from "./chromium.ts";

const executablePath = process.env["FIREFOX_PATH"] ?? "/usr/bin/firefox-esr";

export interface FirefoxOptions {
  /** @default light */
  readonly colorScheme?: "light" | "dark";
  /** @default reduce */
  readonly reducedMotion?: "reduce" | "no-preference";
}

/**
 * A suite in a real Firefox, the one that Debian has. Skipped if there is none, but in CI that is a failure.
 * Playwright drives it by WebDriver BiDi, which knows less than what drives Chromium: colour scheme and motion
 * are set here for the whole suite, and ignored in `newPage`; nothing of a phone but its size can be imitated.
 */
export function describeInFirefox(
  name: string,
  suite: (stage: Stage) => void,
  { colorScheme = "light", reducedMotion = "reduce" }: FirefoxOptions = {},
): void {
  const launch = () =>
    firefox.launch({
      channel: "moz-firefox",
      executablePath: join(import.meta.dirname, "firefox-relay.js"),
      timeout: minute,
      firefoxUserPrefs: {
        "layout.css.prefers-color-scheme.content-override": colorScheme === "dark" ? 0 : 1,
        "ui.prefersReducedMotion": reducedMotion === "reduce" ? 1 : 0,
      },
    });
  describeInBrowser(name, { executablePath, launch }, suite);
}
