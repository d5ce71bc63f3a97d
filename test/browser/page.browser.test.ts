import { expect, test, describe } from "vitest";
import { compileTemplate } from "../../src/page/index.ts";
import { en } from "../../src/page/languages/en.ts";
import { askedAt, describeInChromium, live, minute } from "./chromium.ts";
import { maintenance, openSite, working, type Answer } from "./site.ts";

describeInChromium("the page", (stage) => {
  describe("what is seen", () => {
    test.each([
      { width: 320, height: 568 },
      { width: 360, height: 740 },
      { width: 740, height: 360 },
      { width: 1280, height: 800 },
      { width: 3840, height: 2160 },
    ])("fits into $width × $height, in light and dark", async (viewport) => {
      for (const colorScheme of ["light", "dark"] as const) {
        const page = await stage.newPage({ viewport, colorScheme });
        await page.goto(stage.site.origin);
        const [needed, paper] = await page.evaluate<[number, string]>(
          "[document.documentElement.scrollWidth, getComputedStyle(document.documentElement).backgroundColor]",
        );
        expect(needed).toBe(viewport.width);
        expect(paper).toBe(colorScheme === "light" ? "rgb(251, 245, 234)" : "rgb(25, 19, 21)");
      }
    });

    test("is a title, a heading, a text, a link and a live line; the drawing is left out", async () => {
      const page = await stage.visit();
      expect(await page.title()).toBe(en.title);
      expect(await page.locator("body").ariaSnapshot()).toBe(
        [
          "- main:",
          `  - heading "${en.title}" [level=1]`,
          `  - paragraph: ${en.explanation}`,
          "  - paragraph: Please try again in 1 minute.",
          `  - link "${en.tryAgain}":`,
          '    - /url: ""',
          `  - status: "${en.waiting}"`,
        ].join("\n"),
      );
    });

    test("has a link that is large enough to touch and shows that it has the focus", async () => {
      const page = await stage.visit();
      await page.keyboard.press("Tab");
      const link = page.getByRole("link", { name: en.tryAgain });
      expect(await page.evaluate<string>("document.querySelector(':focus-visible').textContent")).toBe(
        en.tryAgain,
      );
      const outline = await page.evaluate<string>("getComputedStyle(document.activeElement).outline");
      expect(outline).toContain("solid 3px");
      expect((await link.boundingBox())?.height).toBeGreaterThanOrEqual(44);
    });

    test("stands still for who wants no motion", async () => {
      for (const [reducedMotion, moving] of [
        ["reduce", 0],
        ["no-preference", 2],
      ] as const) {
        const page = await stage.newPage({ reducedMotion });
        await page.goto(stage.site.origin);
        expect(await page.evaluate<number>("document.getAnimations().length")).toBe(moving);
      }
    });

    test("asks nobody for anything, and breaks no rule of its policy", async () => {
      const page = await stage.newPage();
      const asked: string[] = [];
      const said: string[] = [];
      page.on("request", (request) => asked.push(request.url()));
      page.on("console", (message) => said.push(message.text()));
      page.on("pageerror", (error) => said.push(error.message));
      await page.goto(`${stage.site.origin}/shop`, { waitUntil: "networkidle" });
      expect(asked.filter((url) => !url.startsWith("data:"))).toEqual([`${stage.site.origin}/shop`]);
      expect(stage.site.requests).toEqual(["GET /shop"]);
      expect(said).toEqual([expect.stringContaining("status of 503")]);
    });
  });

  describe("in answer to a form", () => {
    const form: Answer = (request, response) => {
      if (request.method === "POST") {
        maintenance()(request, response);
        return;
      }
      response.writeHead(200, { "content-type": "text/html" });
      response.end(
        "<!doctype html><link rel=icon href='data:,'><form method=post action=/order><input name=note><button>Send</button></form>",
      );
    };

    test("it sends nothing again, and leads back to what was written", async () => {
      stage.site.answer = form;
      const page = await stage.visit("/basket");
      await page.locator("input").fill("two of each");
      await page.getByRole("button", { name: "Send" }).click();
      await page.getByRole("heading", { name: en.title }).waitFor();
      expect(await page.locator("main").textContent()).toContain(en.unsaved);
      expect(await page.getByRole("link").count()).toBe(0);

      stage.site.answer = working;
      await page.clock.runFor(60 * minute);
      await page.evaluate("dispatchEvent(new Event('online'))");
      expect(await askedAt(page)).toEqual([]);

      stage.site.answer = form;
      await page.getByRole("button", { name: en.goBack }).click();
      await page.waitForURL(`${stage.site.origin}/basket`);
      expect(await page.locator("input").inputValue()).toBe("two of each");
      expect(stage.site.requests.filter((request) => request === "POST /order")).toHaveLength(1);
      expect(stage.site.requests.filter((request) => request.startsWith("HEAD"))).toEqual([]);
    });
  });

  describe("without JavaScript", () => {
    test("it says everything but what it can't do, and its link asks again", async () => {
      const page = await stage.newPage({ javaScriptEnabled: false });
      await page.goto(`${stage.site.origin}/shop?x=1#part`);
      expect(await live(page)).toBe("");
      expect(await page.locator("main").textContent()).toContain(en.explanation);
      stage.site.answer = working;
      await page.getByRole("link", { name: en.tryAgain }).click();
      await page.getByRole("heading", { name: "The site" }).waitFor();
      expect(stage.site.requests).toEqual(["GET /shop?x=1", "GET /shop?x=1"]);
    });
  });

  test("a custom template may style itself and run its own code, but loads none from elsewhere", async () => {
    const other = await openSite((_request, response) => {
      response.writeHead(200, { "content-type": "text/javascript" });
      response.end("document.title = 'taken over'");
    });
    try {
      const template = compileTemplate(
        `<!doctype html><link rel=icon href="data:,"><title>{{title}}</title><style>h1{color:rgb(1,2,3)}</style>` +
          `<h1>{{title}}</h1><script>document.title += " soon"</script><script src="${other.origin}/x.js"></script>`,
      );
      stage.site.answer = maintenance({ templateFor: () => template });
      const page = await stage.newPage();
      await page.goto(stage.site.origin);
      expect(await page.title()).toBe(`${en.title} soon`);
      expect(await page.evaluate<string>("getComputedStyle(document.querySelector('h1')).color")).toBe(
        "rgb(1, 2, 3)",
      );
      expect(other.requests).toEqual([]);
    } finally {
      await other.close();
    }
  });
});
