import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { expect, onTestFinished, test } from "vitest";
import { resolveSettings } from "../../src/core/settings/resolve.ts";
import { startPreview } from "../../src/server/preview/index.ts";
import { describeInChromium, type Stage } from "./chromium.ts";

/** An open gallery of our own template. Any complaint of the browser fails the test. */
async function openGallery(stage: Stage, text: string) {
  const folder = mkdtempSync(join(tmpdir(), "intermission-preview-"));
  const template = join(folder, "page.html");
  let changes = 0;
  const write = (content: string): void => {
    writeFileSync(template, content);
    changes += 1;
    utimesSync(template, changes, changes);
  };
  write(text);
  const preview = await startPreview(resolveSettings({ template }, {}), { port: 0 });
  onTestFinished(async () => {
    await preview.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const page = await stage.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    // The page in the frame is an error, as it is for visitors.
    if (message.type() === "error" && !message.text().includes("503")) complaints.push(message.text());
  });
  await page.goto(preview.url);
  return { page, write, complaints, url: preview.url };
}

const title = (page: Page) => page.frameLocator("iframe").locator("h1").textContent();

describeInChromium("the gallery", (stage) => {
  test("shows what is chosen, and goes on showing it when the template changes", async () => {
    const { page, write, complaints } = await openGallery(stage, "<h1>{{title}}</h1>");
    await page.getByLabel("Language").selectOption("de");
    await expect.poll(() => title(page)).toBe("Wir sind gleich zurück");

    write("<h1>{{title}}!</h1>");
    await expect.poll(() => title(page), { timeout: 5000 }).toBe("Wir sind gleich zurück!");

    write("<h1>{{titel}}</h1>");
    await expect
      .poll(() => page.getByRole("alert").allTextContents())
      .toEqual([expect.stringContaining("{{titel}}")]);
    expect(await title(page)).toBe("Wir sind gleich zurück");

    write("<h1>Mended</h1>");
    await expect.poll(() => title(page), { timeout: 5000 }).toBe("Mended");
    expect(await page.getByRole("alert").count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test("shows each format, and can be used by everybody", async () => {
    const { page, url, complaints } = await openGallery(stage, "{{title}}");
    for (const format of ["json", "event-stream"]) {
      await page.goto(`${url}/?format=${format}&width=phone`);
      await expect
        .poll(() => page.frameLocator("iframe").locator("body").textContent())
        .toContain("HTTP/1.1 503 Service Unavailable");
    }
    // The frame contains only text; the pages have their own tests.
    const { violations } = await new AxeBuilder({ page }).exclude("iframe").analyze();
    expect(violations.map(({ id }) => id)).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
