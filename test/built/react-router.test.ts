import { readFileSync } from "node:fs";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { describeWithServer } from "../servers/describe-with-server.ts";
import { visit } from "../support/http.ts";
import { buildApp, type BuiltApp, type RunningApp, type StartPlan } from "./built-app.ts";
import { installedChromium, launchChromium, textAfterClick } from "./chromium.ts";
import { beginDeploy, browser as asBrowser, expectDeploy, type Deploy, type Paths } from "./deploy.ts";
import { majorsOnNodes, type Major } from "./majors.ts";

const example = new URL("../../src/frameworks/react-router/example.ts", import.meta.url);

interface Version extends Major {
  readonly rootData: string;
  readonly future: object;
}

const packagesOf = (version: string): Readonly<Record<string, string>> => ({
  "@react-router/dev": version,
  "@react-router/node": version,
  "@react-router/serve": version,
  isbot: "5.2.3",
  libsql: "0.5.29",
  react: "19.3.1",
  "react-dom": "19.3.1",
  "react-router": version,
  vite: "7.3.8",
});

const versions: readonly Version[] = [
  // It always has middleware, and refuses the flag.
  { major: 8, packages: packagesOf("8.4.0"), rootData: "/_.data", future: {}, from: [22, 22] },
  {
    major: 7,
    packages: packagesOf("7.18.4"),
    rootData: "/_root.data",
    future: { v8_middleware: true },
    from: [20, 0],
  },
];

const pathsOf = (rootData: string): Paths => ({
  successes: ["/", "/act", "/api/hello", rootData],
  errors: ["/orders", "/said", "/render", "/api/orders"],
  refusals: ["/missing", "/moved"],
});

const serve: StartPlan = {
  command: ["node_modules/.bin/react-router-serve", "build/server/index.js"],
};

describe.each(majorsOnNodes(versions))("React Router $major on Node $node.major", (subject) => {
  const { packages, rootData, future, node } = subject;
  const paths = pathsOf(rootData);

  function build(middleware: string): Promise<BuiltApp> {
    return buildApp({
      name: "react-router",
      packages,
      files: {
        "app/middleware.ts": middleware,
        "react-router.config.js": `export default ${JSON.stringify({ future })};\n`,
      },
      build: ["react-router", "build"],
      node,
    });
  }

  let built: BuiltApp;
  let bare: BuiltApp;
  beforeAll(async () => {
    built = await build(readFileSync(example, "utf8"));
    bare = await build("export const middleware = [];");
  });
  afterAll(() => Promise.all([built.remove(), bare.remove()]));

  test("an app with the middleware goes through a deploy", async () => {
    const deploy = await beginDeploy();
    const app = await built.start({ ...serve, environment: deploy.environment });
    await expectDeploy(app.url, deploy, paths);
    await app.stop();
    await deploy.end();
  });

  test("an app without it goes through a deploy with node --import intermission/auto", async () => {
    const deploy = await beginDeploy();
    const app = await bare.start({ ...serve, auto: true, environment: deploy.environment });
    await expectDeploy(app.url, deploy, paths);
    await app.stop();
    await deploy.end();
  });

  describe("in a deploy window", () => {
    let deploy: Deploy;
    let app: RunningApp;
    let without: RunningApp;
    beforeAll(async () => {
      deploy = await beginDeploy();
      await deploy.intermission.createRelease("v1.1");
      const { environment } = deploy;
      app = await built.start({ ...serve, environment });
      without = await bare.start({ ...serve, environment });
      await vi.waitFor(async () => {
        expect((await visit(`${app.url}/orders`)).status).toBe(503);
      }, 10_000);
    });
    afterAll(async () => {
      await Promise.all([app.stop(), without.stop()]);
      await deploy.end();
    });

    const answerOf = async (url: string): Promise<object> => {
      const { status, headers, body } = await visit(url, { headers: asBrowser });
      // Specific to a build or an answer.
      const text = body.replace(/(manifest-|"version":|\\"version\\",\\")[0-9a-f]+/g, "");
      return { status, headers: { ...headers, date: "", etag: "", "content-length": "" }, text };
    };

    test.each([...paths.successes, ...paths.refusals])("answers %s like the app without it", async (path) => {
      expect(await answerOf(app.url + path)).toEqual(await answerOf(without.url + path));
    });

    test("has the error told to handleError once", async () => {
      const count = (): number => app.output().split("column orders.note does not exist").length - 1;
      const before = count();
      expect((await visit(`${app.url}/orders`)).status).toBe(503);
      // Its output takes another way than its answer.
      await expect.poll(() => count() - before).toBe(1);
      await visit(app.url);
      expect(count() - before).toBe(1);
    });

    test("answers a fetcher, which can't load a page, with the page as JSON", async () => {
      const { status, headers } = await visit(`${app.url}/orders.data?_routes=routes%2Forders`, {
        headers: { "sec-fetch-dest": "empty" },
      });
      expect(status).toBe(503);
      expect(headers["content-type"]).toBe("application/problem+json");
      expect(headers["x-remix-response"]).toBeUndefined();
    });

    describeWithServer("somebody who is on a page already, in Chromium", installedChromium, () => {
      let browser: Browser;
      beforeAll(async () => {
        browser = await launchChromium();
      });
      afterAll(() => browser.close());

      test.each(["orders", "said"])("gets the page with a link to %s", async (name) => {
        await textAfterClick(browser, app.url, name, "right back");
      });

      test("has an action fail, and the page not loaded anew", async () => {
        await textAfterClick(browser, `${app.url}/act`, "Save", "Something went wrong");
      });
    });
  });

  test("a closed site calls no loader", async () => {
    const deploy = await beginDeploy();
    await deploy.intermission.switchOn({ mode: "closed", wait: false });
    const app = await built.start({ ...serve, environment: deploy.environment });
    await expect
      .poll(async () => (await visit(app.url, { headers: asBrowser })).status, { timeout: 10_000 })
      .toBe(503);
    expect((await visit(`${app.url}/moved`, { headers: asBrowser })).status).toBe(503);
    expect((await visit(`${app.url}/orders`, { headers: asBrowser })).status).toBe(503);
    expect(app.output()).not.toContain("column orders.note");
    await app.stop();
    await deploy.end();
  });
});
