import { createServer, type RequestListener } from "node:http";
import { afterEach, expect, test } from "vitest";
import { midDeploy, settled } from "../../test/support/deploy-window.ts";
import { listen, visit, type RunningServer } from "../../test/support/http.ts";
import type { Intermission } from "../core/intermission.ts";
import type { MaskedError } from "../core/settings/options.ts";
import { gate } from "./node/gate.ts";
import { intercept } from "./node/intercept.ts";
import { judgeResponse, judgeThrown } from "./web/judge.ts";

const running: RunningServer[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

interface Observer {
  readonly intermission: Intermission;
  readonly told: MaskedError[];
  readonly warnings: string[];
}

async function observer(make: typeof midDeploy): Promise<Observer> {
  const told: MaskedError[] = [];
  const warnings: string[] = [];
  const intermission = await make({
    observe: true,
    onMasked: (masked) => told.push(masked),
    onWarning: ({ code, message }) => warnings.push(`${code}: ${message}`),
  });
  return { intermission, told, warnings };
}

test("one that only observes replaces nothing, and tells what it would have replaced", async () => {
  const { intermission, told, warnings } = await observer(midDeploy);
  const listener: RequestListener = (request, response) => {
    intercept(request, response, intermission);
    response.writeHead(502, { "x-mine": "yes" });
    response.end("Oh no");
  };
  const server = await listen(createServer(listener));
  running.push(server);

  for (const path of ["/orders?secret=1", "/other"]) {
    const answer = await visit(server.url + path);
    expect([answer.status, answer.headers["x-mine"], answer.body]).toEqual([502, "yes", "Oh no"]);
    expect(answer.headers).not.toHaveProperty("x-maintenance");
  }
  expect(told.map(({ observed, status, path, reason }) => [observed, status, path, reason])).toEqual([
    [true, 502, "/orders", "release-mismatch"],
    [true, 502, "/other", "release-mismatch"],
  ]);
  expect(warnings).toEqual([
    "observed: Observed only: a 502 of GET /orders would have become the page (release-mismatch). Unset MAINTENANCE_OBSERVE to mask such errors.",
  ]);
});

test("it leaves a Fetch handler's answers and throws alone too", async () => {
  const { intermission, told } = await observer(midDeploy);
  const request = new Request("https://site.example/orders");
  const asked = { request, frameworkRequest: request };
  const failed = new Response("Oh no", { status: 500 });
  expect(await judgeResponse(asked, failed, intermission)).toBe(failed);
  const error = new Error("no such column");
  expect(await judgeThrown(asked, error, intermission)).toBeUndefined();
  expect(told.map(({ observed, error: cause }) => [observed, cause])).toEqual([
    [true, undefined],
    [true, error],
  ]);
});

test("it tells nothing of errors that are regular anyway", async () => {
  const { intermission, told, warnings } = await observer(settled);
  expect(await intermission.decide()).toEqual({ verdict: "regular", reason: "release-match" });
  const failed = new Response(null, { status: 500 });
  const request = new Request("https://site.example/");
  expect(await judgeResponse({ request, frameworkRequest: request }, failed, intermission)).toBe(failed);
  expect([told, warnings]).toEqual([[], []]);
});

test("it closes out nobody, and says so of the errors of a closed site", async () => {
  const { intermission } = await observer(settled);
  await intermission.switchOn({ mode: "closed", wait: false });
  expect(intermission.gated).toBe(false);
  expect(await intermission.gate({ path: "/", request: {} })).toBeUndefined();
  expect(await intermission.decide()).toEqual({ verdict: "regular", reason: "manual", observed: true });
  expect(await intermission.status()).toMatchObject({ verdict: "regular", reason: "manual", observed: true });

  const server = await listen(
    createServer((request, response) => {
      gate(request, response, intermission, () => response.end("open"));
    }),
  );
  running.push(server);
  expect((await visit(server.url)).body).toBe("open");
});
