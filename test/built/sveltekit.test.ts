import { readFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeWithServer } from "../servers/describe-with-server.ts";
import { visit, type Answer } from "../support/http.ts";
import type { RunningApp } from "./built-app.ts";
import { bytesOf } from "./bytes.ts";
import { installedChromium, launchChromium, textAfterClick } from "./chromium.ts";
import { browser as asBrowser, expectDeploy } from "./deploy.ts";
import { majorsOnNodes } from "./majors.ts";
import { startTrio, type Trio } from "./trio.ts";
import { build, majors } from "./sveltekit-app.ts";

const example = new URL("../../src/frameworks/sveltekit/example.ts", import.meta.url);
const command = ["build/index.js"] as const;
const paths = {
  successes: ["/", "/about", "/favicon.txt", "/sum"],
  errors: ["/orders", "/api/orders"],
  refusals: ["/missing", "/refused", "/old"],
};

describe.each(majorsOnNodes(majors))("SvelteKit $major on Node $node.major", ({ packages, logs, node }) => {
  let trio: Trio;
  beforeAll(async () => {
    const adapter = { "src/hooks.server.ts": await readFile(example, "utf8") };
    trio = await startTrio({ name: "sveltekit", packages, build, node }, command, adapter);
  });
  afterAll(() => trio.end());

  test("is built without a store: pages are prerendered, and nothing is left behind", () => {
    for (const { folder } of trio.builds) {
      expect(existsSync(join(folder, "build/prerendered/about.html"))).toBe(true);
      expect(existsSync(join(folder, ".intermission"))).toBe(false);
    }
  });

  describe.each([
    { way: "with intermission/auto", app: () => trio.watched, deploy: () => trio.watchedDeploy },
    { way: "with its hooks", app: () => trio.adapted, deploy: () => trio.adaptedDeploy },
  ])("$way", ({ app, deploy }) => {
    test("goes through a deploy", async () => {
      await expectDeploy(app().url, deploy(), paths);
    });

    test("a success is, to the byte, what it is without Intermission", async () => {
      await deploy().intermission.createRelease("v1.2");
      // Files carry their build time.
      const asked = ["/", "/sum", ...paths.refusals, "/__data.json"];
      expect(await bytesOf(app(), asked)).toEqual(await bytesOf(trio.bare, asked));
    });

    test("HEAD, endpoints and actions get the page in their form", async () => {
      const { url } = app();
      const head = await visit(`${url}/orders`, { method: "HEAD", headers: asBrowser });
      expect([head.status, head.body]).toEqual([503, ""]);
      const endpoint = await visit(`${url}/api/orders`, { headers: { accept: "application/json" } });
      expect(JSON.parse(endpoint.body)).toMatchObject({ type: "urn:intermission:maintenance", status: 503 });
      const action = await pay(url, asBrowser);
      expect(action.status).toBe(503);
      expect(action.body).toContain("</html>");
    });

    test("what failed is logged as SvelteKit logs it", () => {
      const plain = stripVTControlCharacters(app().output());
      for (const line of logs) expect(plain).toContain(line);
    });
  });

  test("what the app asks itself it is told as it is", async () => {
    expect((await visit(`${trio.adapted.url}/sum`)).body).toContain("seen: 500 null");
  });

  test("navigation in the browser and enhanced forms get an error that SvelteKit can show", async () => {
    const data = await visit(`${trio.adapted.url}/orders/__data.json?x-sveltekit-invalidated=01`);
    expect(data.status).toBe(503);
    expect(data.headers["retry-after"]).toBe("60");
    expect(data.headers["content-type"]).toBe("application/json");
    const message = expect.stringContaining("We are updating this site") as string;
    const error = { status: 503, message };
    expect(JSON.parse(data.body)).toEqual(error);
    const action = await pay(trio.adapted.url, enhanced);
    expect(action.status).toBe(503);
    expect(JSON.parse(action.body)).toEqual({ type: "error", error });
  });

  describeWithServer("somebody who is on a page already, in Chromium", installedChromium, () => {
    let browser: Browser;
    let app: RunningApp;
    beforeAll(async () => {
      const { environment, intermission } = trio.adaptedDeploy;
      await intermission.createRelease("v1.2");
      // Unless a proxy says otherwise, SvelteKit takes a form from http:// for another site's.
      const trusting = { ...environment, PROTOCOL_HEADER: "x-forwarded-proto" };
      [browser, app] = [
        await launchChromium(),
        await trio.builds[1].start({ command, environment: trusting }),
      ];
    });
    afterAll(() => Promise.all([browser.close(), app.stop()]));

    test.each([
      { what: "a link", path: "/", name: "Orders" },
      { what: "a form with use:enhance", path: "/pay", name: "Pay" },
    ])("gets the page's words with $what", async ({ path, name }) => {
      const extraHTTPHeaders = { "x-forwarded-proto": "http" };
      const proxied = { newContext: () => browser.newContext({ extraHTTPHeaders }) };
      const text = await textAfterClick(proxied, `${app.url}${path}`, name, "updating this site");
      expect(text).toMatch(/^503 We are updating this site/);
    });
  });

  test("without its hooks, the status of what SvelteKit answers to navigation is 200, errors included", async () => {
    const data = await visit(`${trio.watched.url}/orders/__data.json?x-sveltekit-invalidated=01`);
    expect(data.status).toBe(200);
    expect(data.body).toContain('{"type":"error"');
  });

  test("a closed site is closed to navigation and forms as well, and its files are not asked for by the hook", async () => {
    const { intermission } = trio.adaptedDeploy;
    await intermission.createRelease("v1.0");
    await intermission.switchOn({ mode: "closed", wait: false });
    await expect.poll(async () => (await visit(trio.adapted.url)).status, { timeout: 20_000 }).toBe(503);
    const data = await visit(`${trio.adapted.url}/__data.json`);
    expect([data.status, Object.keys(JSON.parse(data.body) as object)]).toEqual([503, ["status", "message"]]);
    expect(JSON.parse((await pay(trio.adapted.url, enhanced)).body)).toMatchObject({ type: "error" });
    expect((await visit(`${trio.adapted.url}/favicon.txt`)).status).toBe(200);
  });
});

const enhanced = { accept: "application/json", "x-sveltekit-action": "true" };

/** Sends the form like a browser on the site, which SvelteKit assumes uses HTTPS. */
function pay(url: string, headers: Readonly<Record<string, string>>): Promise<Answer> {
  const origin = url.replace("http:", "https:");
  const type = "application/x-www-form-urlencoded";
  return visit(`${url}/pay`, {
    method: "POST",
    headers: { origin, "content-type": type, ...headers },
    body: "sum=7",
  });
}
