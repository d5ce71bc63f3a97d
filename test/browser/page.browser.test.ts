import { existsSync } from "node:fs";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { compileTemplate } from "../../src/page/index.ts";
import { en } from "../../src/page/languages/en.ts";
import { maintenance, openSite, statusOnly, working, type Answer, type Site } from "./site.ts";

const executablePath = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";
const mustRun = process.env["CI"] === "true";

const second = 1000;
const minute = 60 * second;

let browser: Browser;
let site: Site;

/** What the script of a page did, as seen from inside the page: see `watchFetch`. */
interface Watched {
  askedAt: number[];
  settled: number;
}

/** Notes the page's own time of each question, and how many were answered. */
function watchFetch(): void {
  const watched: Watched = { askedAt: [], settled: 0 };
  const ask = globalThis.fetch;
  globalThis.fetch = (...parameters) => {
    watched.askedAt.push(Date.now());
    return ask(...parameters).finally(() => {
      watched.settled += 1;
    });
  };
  Object.assign(globalThis, { watched });
}

describe.skipIf(!existsSync(executablePath) && !mustRun)("the page in Chromium", () => {
  beforeAll(async () => {
    const switches =
      "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";
    browser = await chromium.launch({ executablePath, args: switches.split(" ") });
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    site = await openSite(maintenance());
  });
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    await site.close();
  });

  async function newPage(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    page.setDefaultTimeout(5 * second);
    return page;
  }

  /**
   * A page whose time stands still unless a test lets it pass, and whose chance is settled, so that it waits exactly
   * as long as `Retry-After` says.
   */
  async function visit(path = "/shop?x=1#part", prepare?: (page: Page) => Promise<unknown>): Promise<Page> {
    const page = await newPage();
    await page.clock.install({ time: 1_800_000_000_000 });
    await page.clock.pauseAt(1_800_000_001_000);
    await page.addInitScript(watchFetch);
    await page.addInitScript(() => {
      Math.random = () => 0.5;
    });
    await prepare?.(page);
    await page.goto(site.origin + path);
    return page;
  }

  async function settled(page: Page, times: number): Promise<void> {
    await page.waitForFunction(
      (least) => (globalThis as unknown as { watched: Watched }).watched.settled >= least,
      times,
    );
  }

  function askedAt(page: Page): Promise<number[]> {
    return page.evaluate(() => (globalThis as unknown as { watched: Watched }).watched.askedAt);
  }

  function live(page: Page): Promise<string | null> {
    return page.getByRole("status").textContent();
  }

  function headRequests(): number {
    return site.requests.filter((request) => request.startsWith("HEAD ")).length;
  }

  async function setHidden(page: Page, hidden: boolean): Promise<void> {
    await page.evaluate((value) => {
      const { document, Event } = globalThis as unknown as {
        document: EventTarget;
        Event: typeof globalThis.Event;
      };
      Object.defineProperty(document, "hidden", { configurable: true, get: () => value });
      document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);
  }

  describe("what is seen", () => {
    test.each([
      { width: 320, height: 568 },
      { width: 360, height: 740 },
      { width: 740, height: 360 },
      { width: 1280, height: 800 },
      { width: 3840, height: 2160 },
    ])("fits into $width × $height, in light and dark", async (viewport) => {
      for (const colorScheme of ["light", "dark"] as const) {
        const page = await newPage({ viewport, colorScheme });
        await page.goto(site.origin);
        const [needed, paper] = await page.evaluate<[number, string]>(
          "[document.documentElement.scrollWidth, getComputedStyle(document.documentElement).backgroundColor]",
        );
        expect(needed).toBe(viewport.width);
        expect(paper).toBe(colorScheme === "light" ? "rgb(251, 245, 234)" : "rgb(25, 19, 21)");
      }
    });

    test("is a title, a heading, a text, a link and a live line; the drawing is left out", async () => {
      const page = await visit();
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
      const page = await visit();
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
        const page = await newPage({ reducedMotion });
        await page.goto(site.origin);
        expect(await page.evaluate<number>("document.getAnimations().length")).toBe(moving);
      }
    });

    test("asks nobody for anything, and breaks no rule of its policy", async () => {
      const page = await newPage();
      const asked: string[] = [];
      const said: string[] = [];
      page.on("request", (request) => asked.push(request.url()));
      page.on("console", (message) => said.push(message.text()));
      page.on("pageerror", (error) => said.push(error.message));
      await page.goto(`${site.origin}/shop`, { waitUntil: "networkidle" });
      expect(asked.filter((url) => !url.startsWith("data:"))).toEqual([`${site.origin}/shop`]);
      expect(site.requests).toEqual(["GET /shop"]);
      expect(said).toEqual([expect.stringContaining("status of 503")]);
    });
  });

  describe("comes back by itself", () => {
    test("when the site does, at the same address", async () => {
      const page = await visit();
      expect(await live(page)).toBe(en.waiting);
      await page.clock.runFor(60 * second);
      await settled(page, 1);
      expect(site.requests).toEqual(["GET /shop?x=1", "HEAD /shop?x=1"]);

      site.answer = working;
      const loaded = page.waitForEvent("load");
      await page.clock.runFor(60 * second);
      await loaded;
      expect(await page.title()).toBe("The site");
      expect(page.url()).toBe(`${site.origin}/shop?x=1#part`);
    });

    test("after the time of Retry-After, give or take a fifth", async () => {
      const waits = await Promise.all(
        [0, 0.5, 0.999].map(async (chance) => {
          const page = await visit("/", (opened) =>
            opened.addInitScript((value) => {
              Math.random = () => value;
            }, chance),
          );
          const start = await page.evaluate(() => Date.now());
          await page.clock.runFor(72 * second);
          const [first = 0] = await askedAt(page);
          return Math.round((first - start) / second);
        }),
      );
      expect(waits).toEqual([48, 60, 72]);
    });

    test.each([
      ["300", 300],
      ["0", 1],
      ["999999", 3600],
      ["Fri, 31 Dec 2027 23:59:59 GMT", 60],
    ])("after a newer Retry-After, within bounds: %s", async (retryAfter, wait) => {
      const page = await visit();
      site.answer = statusOnly(503, { "retry-after": retryAfter });
      await page.clock.runFor(60 * second);
      await settled(page, 1);
      await page.clock.runFor(wait * second - 1);
      expect(await askedAt(page)).toHaveLength(1);
      await page.clock.runFor(1);
      await settled(page, 2);
    });

    test.each([
      ["answers that HEAD is not allowed", statusOnly(405)],
      ["answers that there is no such page", statusOnly(404)],
      ["sends elsewhere, without following", statusOnly(302, { location: "/login" })],
    ])("when the site %s", async (_name, answer: Answer) => {
      const page = await visit();
      site.answer = (request, response) => {
        (request.method === "HEAD" ? answer : working)(request, response);
      };
      const loaded = page.waitForEvent("load");
      await page.clock.runFor(60 * second);
      await loaded;
      expect(await page.title()).toBe("The site");
      expect(site.requests).toEqual(["GET /shop?x=1", "HEAD /shop?x=1", "GET /shop?x=1"]);
    });

    test.each([
      ["still fails", statusOnly(500)],
      ["has too much to do", statusOnly(429)],
      [
        "hangs up",
        (request) => {
          request.socket.destroy();
        },
      ],
    ] satisfies [string, Answer][])("but not while the site %s", async (_name, answer) => {
      const page = await visit();
      site.answer = answer;
      for (const times of [1, 2, 3]) {
        await page.clock.runFor(60 * second);
        await settled(page, times);
      }
      expect(site.requests.filter((request) => request.startsWith("GET"))).toHaveLength(1);
      expect(await live(page)).toBe(en.waiting);
    });

    test("but not into a page whose status was set to one below 500", async () => {
      site.answer = maintenance({ statusCode: 404 });
      const page = await visit();
      await page.clock.runFor(60 * second);
      await settled(page, 1);
      expect(site.requests).toEqual(["GET /shop?x=1", "HEAD /shop?x=1"]);
    });

    test("after a question that is never answered is given up", async () => {
      const page = await visit();
      site.answer = () => undefined;
      await page.clock.runFor(60 * second);
      await site.requested("HEAD /shop?x=1");
      await page.clock.runFor(15 * second);
      await settled(page, 1);
      await page.clock.runFor(60 * second);
      await site.requested("HEAD /shop?x=1", 2);
    });
  });

  describe("asks nothing", () => {
    test("while it can't be seen, and at once when it is seen again", async () => {
      const page = await visit();
      await setHidden(page, true);
      await page.clock.runFor(60 * minute);
      expect(await askedAt(page)).toEqual([]);
      await setHidden(page, false);
      await settled(page, 1);
      expect(headRequests()).toBe(1);
    });

    test("when it is seen again before the time", async () => {
      const page = await visit();
      await page.clock.runFor(10 * second);
      await setHidden(page, true);
      await setHidden(page, false);
      expect(await askedAt(page)).toEqual([]);
    });

    test("while there is no network, says so, and asks at once when there is", async () => {
      const page = await visit();
      await page.context().setOffline(true);
      await page.clock.runFor(60 * second);
      expect(await live(page)).toBe(en.offline);
      expect(await askedAt(page)).toEqual([]);
      await page.context().setOffline(false);
      await settled(page, 1);
      expect(await live(page)).toBe(en.waiting);
    });

    test("twice at the same time", async () => {
      const page = await visit();
      site.answer = () => undefined;
      await page.clock.runFor(60 * second);
      await site.requested("HEAD /shop?x=1");
      await setHidden(page, true);
      await setHidden(page, false);
      await page.evaluate("dispatchEvent(new Event('online'))");
      expect(await askedAt(page)).toHaveLength(1);
    });
  });

  test("asks at once when the browser shows it again from its cache", async () => {
    const page = await visit();
    await page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))");
    await settled(page, 1);
    expect(headRequests()).toBe(1);
  });

  describe("where HEAD works and GET does not", () => {
    const page503 = maintenance({ retryAfter: 5 });
    const halfBroken: Answer = (request, response) => {
      (request.method === "HEAD" ? working : page503)(request, response);
    };

    test("it is loaded again three times in a minute, then stops and says so", async () => {
      site.answer = halfBroken;
      const page = await visit();
      for (let round = 1; round <= 3; round += 1) {
        const loaded = page.waitForEvent("load");
        await page.clock.runFor(5 * second);
        await loaded;
      }
      await page.clock.runFor(5 * second);
      await settled(page, 1);
      expect(await live(page)).toBe(en.stopped);
      await page.clock.runFor(60 * minute);
      expect(site.requests.filter((request) => request.startsWith("GET"))).toHaveLength(4);
      expect(headRequests()).toBe(4);
      expect(await page.getByRole("link", { name: en.tryAgain }).isVisible()).toBe(true);
    });

    test("it takes twenty seconds where nothing can be stored", async () => {
      site.answer = halfBroken;
      const page = await visit("/", (opened) =>
        opened.addInitScript(() => {
          Object.defineProperty(globalThis, "sessionStorage", {
            get: () => {
              throw new Error("denied");
            },
          });
        }),
      );
      await page.clock.runFor(5 * second);
      await settled(page, 1);
      await page.clock.runFor(20 * second - 1);
      expect(site.requests.filter((request) => request.startsWith("GET"))).toHaveLength(1);
      const loaded = page.waitForEvent("load");
      await page.clock.runFor(1);
      await loaded;
      expect(site.requests.filter((request) => request.startsWith("GET"))).toHaveLength(2);
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
      site.answer = form;
      const page = await visit("/basket");
      await page.locator("input").fill("two of each");
      await page.getByRole("button", { name: "Send" }).click();
      await page.getByRole("heading", { name: en.title }).waitFor();
      expect(await page.locator("main").textContent()).toContain(en.unsaved);
      expect(await page.getByRole("link").count()).toBe(0);

      site.answer = working;
      await page.clock.runFor(60 * minute);
      await page.evaluate("dispatchEvent(new Event('online'))");
      expect(await askedAt(page)).toEqual([]);

      site.answer = form;
      await page.getByRole("button", { name: en.goBack }).click();
      await page.waitForURL(`${site.origin}/basket`);
      expect(await page.locator("input").inputValue()).toBe("two of each");
      expect(site.requests.filter((request) => request === "POST /order")).toHaveLength(1);
      expect(headRequests()).toBe(0);
    });
  });

  describe("without JavaScript", () => {
    test("it says everything but what it can't do, and its link asks again", async () => {
      const page = await newPage({ javaScriptEnabled: false });
      await page.goto(`${site.origin}/shop?x=1#part`);
      expect(await live(page)).toBe("");
      expect(await page.locator("main").textContent()).toContain(en.explanation);
      site.answer = working;
      await page.getByRole("link", { name: en.tryAgain }).click();
      await page.getByRole("heading", { name: "The site" }).waitFor();
      expect(site.requests).toEqual(["GET /shop?x=1", "GET /shop?x=1"]);
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
      site.answer = maintenance({ template });
      const page = await newPage();
      await page.goto(site.origin);
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
