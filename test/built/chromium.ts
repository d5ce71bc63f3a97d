import { existsSync } from "node:fs";
import { chromium, type Browser } from "playwright-core";

const executablePath = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";

export const installedChromium = { available: existsSync(executablePath), packageName: "chromium" };

export function launchChromium(): Promise<Browser> {
  const switches =
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";
  return chromium.launch({ executablePath, args: switches.split(" ") });
}

/** What a user sees after opening a page of the app and clicking there. */
export async function textAfterClick(
  browser: Pick<Browser, "newContext">,
  url: string,
  name: string,
  expected: string,
): Promise<string> {
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    await page.goto(url, { waitUntil: "networkidle" });
    await page.getByText(name, { exact: true }).click();
    await page.getByText(expected).first().waitFor();
    return await page.innerText("body");
  } finally {
    await context.close();
  }
}
