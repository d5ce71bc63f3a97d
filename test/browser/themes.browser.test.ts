import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import type { BrowserContextOptions, Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { themeNames, type ThemeName } from "../../src/core/settings/page-options.ts";
import type { Brand } from "../../src/page/brand.ts";
import { createHtml } from "../../src/page/formats/html/index.ts";
import { allMessages } from "../../src/page/languages/index.ts";
import { toParagraphs, type Messages } from "../../src/page/messages.ts";
import { themes } from "../../src/page/themes/index.ts";
import { describeInChromium, minute, type Stage } from "./chromium.ts";
import { differenceOf } from "./pictures.ts";
import { maintenance, type Answer } from "./site.ts";

const pictures = resolve(import.meta.dirname, "../../docs/pictures/themes");
/** A folder to write pictures to, for the documentation. */
const written = process.env["SCREENSHOTS"];

/** Measured: another machine's fonts change a page by up to 2, another theme by at least 15. */
const tolerance = 4;

const schemes = ["light", "dark"] as const;
const sizes = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } };
const { en, ar } = allMessages;
/** One for each script that affects the layout, and for both directions. */
const languages = [en, ar, allMessages.ur, allMessages.de, allMessages.ja, allMessages.hi];

const brand: Brand = {
  name: "Harbour Ferries",
  accent: "#0a7d5a",
  support: "mailto:help@harbour.example",
  statusPage: "https://status.harbour.example/",
};

/** The page in a language, whoever asks. */
function pageIn(messages: Messages, theme: ThemeName, own: Brand = {}): Answer {
  const html = createHtml(themes[theme], own);
  const paragraphs = toParagraphs(messages, 60, true);
  const links =
    own.support === undefined
      ? []
      : [
          { label: "Contact", address: own.support },
          { label: "Status", address: own.statusPage ?? "" },
        ];
  const body = html.render({
    status: 503,
    retryAfter: 60,
    language: messages.language,
    title: messages.title,
    message: paragraphs.join(" "),
    paragraphs,
    repeatable: true,
    messages,
    links,
  });
  return (_request, response) => {
    response.writeHead(503, {
      "content-type": html.contentType,
      "content-security-policy": html.contentSecurityPolicy,
    });
    response.end(body);
  };
}

async function open(stage: Stage, answer: Answer, options: BrowserContextOptions): Promise<Page> {
  stage.site.answer = answer;
  const page = await stage.newPage({ reducedMotion: "reduce", ...options });
  await page.goto(stage.site.origin);
  return page;
}

describeInChromium("the themes", (stage) => {
  describe.each(themeNames)("%s", (theme) => {
    test.each(schemes)(
      "has nothing that axe objects to, %s, in six languages, with a brand and without",
      async (colorScheme) => {
        const page = await stage.newPage({ colorScheme, reducedMotion: "reduce" });
        const answers = languages.map((messages) => pageIn(messages, theme, brand));
        for (const answer of [maintenance({ theme }), ...answers]) {
          stage.site.answer = answer;
          await page.goto(stage.site.origin);
          const { violations, passes } = await new AxeBuilder({ page }).analyze();
          const language = await page.evaluate<string>("document.documentElement.lang");
          expect(violations.map(({ id, nodes }) => [language, id, nodes.map(({ html }) => html)])).toEqual(
            [],
          );
          expect(passes.map(({ id }) => id)).toContain("color-contrast");
        }
      },
      5 * minute,
    );

    test.each([
      [320, 568],
      [740, 360],
      [3840, 2160],
    ])("fits into %d × %d, from left to right and from right to left", async (width, height) => {
      for (const messages of [en, ar]) {
        const page = await open(stage, pageIn(messages, theme, brand), {
          viewport: { width, height },
        });
        expect(await page.evaluate<number>("document.documentElement.scrollWidth")).toBe(width);
      }
    });

    test("asks nobody for anything, breaks no rule of its policy, and is whole without JavaScript", async () => {
      for (const javaScriptEnabled of [true, false]) {
        stage.site.answer = maintenance({ theme, brand });
        const page = await stage.newPage({ javaScriptEnabled });
        const asked: string[] = [];
        const said: string[] = [];
        page.on("request", (request) => asked.push(request.url()));
        page.on("console", (message) => said.push(message.text()));
        await page.goto(`${stage.site.origin}/shop`, { waitUntil: "networkidle" });
        expect(asked.filter((url) => !url.startsWith("data:"))).toEqual([`${stage.site.origin}/shop`]);
        expect(said).toEqual([expect.stringContaining("status of 503")]);
        expect(await page.locator("main").textContent()).toContain("Please try again in 1 minute.");
        expect(await page.getByRole("link").allTextContents()).toEqual([
          "Try again",
          "Status page",
          "Contact us",
        ]);
      }
    });

    test("on paper is the words, dark on white", async () => {
      const page = await open(stage, maintenance({ theme }), { colorScheme: "dark" });
      await page.emulateMedia({ media: "print", colorScheme: "dark" });
      expect(await page.locator("svg, main a, [role=status]").filter({ visible: true }).count()).toBe(0);
      expect(await page.getByRole("heading").isVisible()).toBe(true);
      const colours = await page.evaluate<string[]>(
        "[document.documentElement, document.querySelector('h1')].flatMap((one) => [getComputedStyle(one).backgroundColor, getComputedStyle(one).color])",
      );
      expect(colours).toEqual(["rgb(255, 255, 255)", "rgb(0, 0, 0)", "rgba(0, 0, 0, 0)", "rgb(0, 0, 0)"]);
    });

    for (const [size, viewport] of Object.entries(sizes)) {
      test.each(schemes)(`looks as it did, on a ${size}, %s`, async (colorScheme) => {
        const page = await open(stage, maintenance({ theme }), { viewport, colorScheme });
        const name = `${theme}-${size}-${colorScheme}.png`;
        const picture = await page.screenshot();
        if (written !== undefined) {
          mkdirSync(join(written, "themes"), { recursive: true });
          writeFileSync(join(written, "themes", name), picture);
        }
        expect(existsSync(join(pictures, name))).toBe(true);
        expect(await differenceOf(page, picture, readFileSync(join(pictures, name)))).toBeLessThan(tolerance);
      });
    }
  });

  test("pictures of two themes are told from each other", async () => {
    const page = await stage.newPage();
    const read = (name: string): Buffer => readFileSync(join(pictures, `${name}.png`));
    const one = read("terminal-phone-light");
    expect(await differenceOf(page, one, one)).toBe(0);
    expect(await differenceOf(page, one, read("minimal-phone-light"))).toBeGreaterThan(3 * tolerance);
    expect(await differenceOf(page, one, read("terminal-desktop-light"))).toBe(255);
  });
});
