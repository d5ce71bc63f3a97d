import { describe, expect, test } from "vitest";
import { en } from "../../src/page/languages/en.ts";
import { askedAt, describeInChromium, live, minute, second, setHidden, settled } from "./chromium.ts";
import { maintenance, statusOnly, working, type Answer } from "./site.ts";

describeInChromium("the page's return", (stage) => {
  function requestsOf(method: string): string[] {
    return stage.site.requests.filter((request) => request.startsWith(`${method} `));
  }

  describe("comes back by itself", () => {
    test("when the site does, at the same address", async () => {
      const page = await stage.visit();
      expect(await live(page)).toBe(en.waiting);
      await page.clock.runFor(60 * second);
      await settled(page, 1);
      expect(stage.site.requests).toEqual(["GET /shop?x=1", "HEAD /shop?x=1"]);

      stage.site.answer = working;
      const loaded = page.waitForEvent("load");
      await page.clock.runFor(60 * second);
      await loaded;
      expect(await page.title()).toBe("The site");
      expect(page.url()).toBe(`${stage.site.origin}/shop?x=1#part`);
    });

    test("after the time of Retry-After, give or take three fifths", async () => {
      const waits = await Promise.all(
        [0, 0.5, 0.999].map(async (chance) => {
          const page = await stage.visit("/", (opened) =>
            opened.addInitScript((value) => {
              Math.random = () => value;
            }, chance),
          );
          const start = await page.evaluate(() => Date.now());
          await page.clock.runFor(96 * second);
          const [first = 0] = await askedAt(page);
          return Math.round((first - start) / second);
        }),
      );
      expect(waits).toEqual([24, 60, 96]);
    });

    test.each([
      ["300", 300],
      ["0", 1],
      ["999999", 3600],
      ["Fri, 31 Dec 2027 23:59:59 GMT", 60],
    ])("after a newer Retry-After, within bounds: %s", async (retryAfter, wait) => {
      const page = await stage.visit();
      stage.site.answer = statusOnly(503, { "retry-after": retryAfter });
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
      const page = await stage.visit();
      stage.site.answer = (request, response) => {
        (request.method === "HEAD" ? answer : working)(request, response);
      };
      const loaded = page.waitForEvent("load");
      await page.clock.runFor(60 * second);
      await loaded;
      expect(await page.title()).toBe("The site");
      expect(stage.site.requests).toEqual(["GET /shop?x=1", "HEAD /shop?x=1", "GET /shop?x=1"]);
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
      const page = await stage.visit();
      stage.site.answer = answer;
      for (const times of [1, 2, 3]) {
        await page.clock.runFor(60 * second);
        await settled(page, times);
      }
      expect(requestsOf("GET")).toHaveLength(1);
      expect(await live(page)).toBe(en.waiting);
    });

    test("but not into a page whose status was set to one below 500", async () => {
      stage.site.answer = maintenance({ statusCode: 404 });
      const page = await stage.visit();
      await page.clock.runFor(60 * second);
      await settled(page, 1);
      expect(stage.site.requests).toEqual(["GET /shop?x=1", "HEAD /shop?x=1"]);
    });

    test("after a question that is never answered is given up", async () => {
      const page = await stage.visit();
      stage.site.answer = () => undefined;
      await page.clock.runFor(60 * second);
      await stage.site.requested("HEAD /shop?x=1");
      await page.clock.runFor(15 * second);
      await settled(page, 1);
      await page.clock.runFor(60 * second);
      await stage.site.requested("HEAD /shop?x=1", 2);
    });
  });

  describe("asks nothing", () => {
    test("while it can't be seen, and at once when it is seen again", async () => {
      const page = await stage.visit();
      await setHidden(page, true);
      await page.clock.runFor(60 * minute);
      expect(await askedAt(page)).toEqual([]);
      await setHidden(page, false);
      await settled(page, 1);
      expect(requestsOf("HEAD")).toHaveLength(1);
    });

    test("when it is seen again before the time", async () => {
      const page = await stage.visit();
      await page.clock.runFor(10 * second);
      await setHidden(page, true);
      await setHidden(page, false);
      expect(await askedAt(page)).toEqual([]);
    });

    test("while there is no network, says so, and asks at once when there is", async () => {
      const page = await stage.visit();
      await page.context().setOffline(true);
      await page.clock.runFor(60 * second);
      expect(await live(page)).toBe(en.offline);
      expect(await askedAt(page)).toEqual([]);
      await page.context().setOffline(false);
      await settled(page, 1);
      expect(await live(page)).toBe(en.waiting);
    });

    test("twice at the same time", async () => {
      const page = await stage.visit();
      stage.site.answer = () => undefined;
      await page.clock.runFor(60 * second);
      await stage.site.requested("HEAD /shop?x=1");
      await setHidden(page, true);
      await setHidden(page, false);
      await page.evaluate("dispatchEvent(new Event('online'))");
      expect(await askedAt(page)).toHaveLength(1);
    });
  });

  test("asks at once when the browser shows it again from its cache", async () => {
    const page = await stage.visit();
    await page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))");
    await settled(page, 1);
    expect(requestsOf("HEAD")).toHaveLength(1);
  });

  describe("where HEAD works and GET does not", () => {
    const page503 = maintenance({ retryAfter: 5 });
    const halfBroken: Answer = (request, response) => {
      (request.method === "HEAD" ? working : page503)(request, response);
    };

    test("it is loaded again three times in a minute, then stops and says so", async () => {
      stage.site.answer = halfBroken;
      const page = await stage.visit();
      for (let round = 1; round <= 3; round += 1) {
        const loaded = page.waitForEvent("load");
        await page.clock.runFor(5 * second);
        await loaded;
      }
      await page.clock.runFor(5 * second);
      await settled(page, 1);
      expect(await live(page)).toBe(en.stopped);
      await page.clock.runFor(60 * minute);
      expect(requestsOf("GET")).toHaveLength(4);
      expect(requestsOf("HEAD")).toHaveLength(4);
      expect(await page.getByRole("link", { name: en.tryAgain }).isVisible()).toBe(true);
    });

    test("it takes twenty seconds where nothing can be stored", async () => {
      stage.site.answer = halfBroken;
      const page = await stage.visit("/", (opened) =>
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
      expect(requestsOf("GET")).toHaveLength(1);
      const loaded = page.waitForEvent("load");
      await page.clock.runFor(1);
      await loaded;
      expect(requestsOf("GET")).toHaveLength(2);
    });
  });
});
