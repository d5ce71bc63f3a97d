import { expect, onTestFinished, test } from "vitest";
import { built } from "../support/built.ts";
import type { ConsoleListener, ConsoleOptions } from "../../src/server/index.ts";

// Its processes run the built code, so the test does too.
const { startDemonstration } = (await import(
  built("demo/index.js")
)) as typeof import("../../src/demo/index.ts");
const { consoleListener } = (await import(built("server/index.js"))) as {
  consoleListener(options: ConsoleOptions): ConsoleListener;
};

test("the demonstration shows its deploy in the console, and there plays one of twelve instances, to look at only", async () => {
  const demonstration = await startDemonstration({
    ...{ port: 0, traffic: false },
    showConsole: (store) =>
      consoleListener({ store, visitor: () => ({ name: "you", mayChange: false }), readOnly: true }),
  });
  onTestFinished(() => demonstration.close());
  const open = (path: string, options: RequestInit = {}): Promise<Response> =>
    fetch(new URL(path, demonstration.siteAddress), { redirect: "manual", ...options });

  const panel = await (await open("/-/panel")).text();
  expect(panel).toContain('href="/-/console/"');
  expect(panel).toContain('href="/-/twelve/?play"');

  const own = await open("/-/console/");
  expect([own.status, await own.text()]).toEqual([200, expect.stringContaining("<code>v1.0</code>")]);
  const played = await open("/-/twelve/?play");
  expect([played.status, played.headers.get("location")]).toEqual([303, "/-/twelve/"]);
  await expect
    .poll(async () => (await open("/-/twelve/")).text(), { timeout: 25_000, interval: 500 })
    .toMatch(/A deploy is open[^]*web-12/);
  const refused = await open("/-/twelve/actions/rollback", { method: "POST" });
  expect(refused.status).toBeGreaterThanOrEqual(400);
});

test("without a console, its panel has no link to one", async () => {
  const demonstration = await startDemonstration({ port: 0, traffic: false });
  onTestFinished(() => demonstration.close());
  const panel = await (await fetch(demonstration.panelAddress)).text();
  expect(panel).not.toContain("/-/console/");
});
