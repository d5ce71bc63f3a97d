import { existsSync } from "node:fs";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe } from "vitest";
import { maintenance, openSite, type Site } from "./site.ts";

const executablePath = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";
const mustRun = process.env["CI"] === "true";

export const second = 1000;
export const minute = 60 * second;

/** What a browser test gets: a site under maintenance, and pages to visit it with. */
export interface Stage {
  site: Site;
  newPage(options?: BrowserContextOptions): Promise<Page>;
  /**
   * A page whose time stands still unless a test advances it, and whose randomness is fixed, so that it waits
   * exactly as long as `Retry-After` says.
   */
  visit(path?: string, prepare?: (page: Page) => Promise<unknown>): Promise<Page>;
}

/** A suite in a real Chromium. Skipped if there is none, but in CI that is a failure. */
export function describeInChromium(name: string, suite: (stage: Stage) => void): void {
  const switches =
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync";
  describeInBrowser(
    name,
    { executablePath, launch: () => chromium.launch({ executablePath, args: switches.split(" ") }) },
    suite,
  );
}

export interface InstalledBrowser {
  readonly executablePath: string;
  readonly launch: () => Promise<Browser>;
}

export function describeInBrowser(
  name: string,
  { executablePath, launch }: InstalledBrowser,
  suite: (stage: Stage) => void,
): void {
  describe.skipIf(!existsSync(executablePath) && !mustRun)(name, () => {
    let browser: Browser;
    const stage = {} as Stage;

    beforeAll(async () => {
      browser = await launch();
    }, minute);
    afterAll(() => browser.close());
    beforeEach(async () => {
      stage.site = await openSite(maintenance());
    });
    afterEach(async () => {
      await Promise.all(browser.contexts().map((context) => context.close()));
      await stage.site.close();
    });

    Object.assign(stage, {
      async newPage(options: BrowserContextOptions = {}): Promise<Page> {
        const context = await browser.newContext(options);
        const page = await context.newPage();
        page.setDefaultTimeout(5 * second);
        return page;
      },

      async visit(path = "/shop?x=1#part", prepare?: (page: Page) => Promise<unknown>): Promise<Page> {
        const page = await stage.newPage();
        await page.clock.install({ time: 1_800_000_000_000 });
        await page.clock.pauseAt(1_800_000_001_000);
        await page.addInitScript(watchFetch);
        await page.addInitScript(() => {
          Math.random = () => 0.5;
        });
        await prepare?.(page);
        await page.goto(stage.site.origin + path);
        return page;
      },
    } satisfies Omit<Stage, "site">);
    suite(stage);
  });
}

/** Waits until the page has had so many answers or failures. */
export async function settled(page: Page, times: number): Promise<void> {
  await page.waitForFunction(
    (least) => (globalThis as unknown as { watched: Watched }).watched.settled >= least,
    times,
  );
}

/** When the page asked, by its own time. */
export function askedAt(page: Page): Promise<number[]> {
  return page.evaluate(() => (globalThis as unknown as { watched: Watched }).watched.askedAt);
}

/** What the live line says. */
export function live(page: Page): Promise<string | null> {
  return page.getByRole("status").textContent();
}

export async function setHidden(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate((value) => {
    const { document, Event } = globalThis as unknown as {
      document: EventTarget;
      Event: typeof globalThis.Event;
    };
    Object.defineProperty(document, "hidden", { configurable: true, get: () => value });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
}

/** What a page's script did, as seen inside the page: see `watchFetch`. */
interface Watched {
  askedAt: number[];
  settled: number;
}

/** Records the page's own time of each request, and counts answers. */
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
