import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { startBackend, startBackendInDeploy } from "../../../test/support/error-backend.ts";
import { memoryStore } from "../../stores/memory/index.ts";

const html = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8";

describe("/decide", () => {
  test("is 503 with the page for an error of a release that is not current", async () => {
    const { ask, masked } = await startBackendInDeploy();
    const headers = { "x-original-status": "500", "x-upstream-release": "v1.0", accept: html };
    const answer = await ask("/decide", { ...headers, "x-original-uri": "/orders/7?page=2" });
    expect(answer.status).toBe(503);
    expect(answer.headers).toMatchObject({
      "x-maintenance": "1",
      "x-maintenance-cause": "deploy",
      "retry-after": "60",
      "cache-control": "no-store",
      "content-length": String(Buffer.byteLength(answer.body)),
    });
    expect(answer.headers["vary"]).toContain("Accept");
    expect(answer.body).toMatch(/^<!doctype html>/);
    expect(masked).toMatchObject([
      { status: 500, method: "GET", path: "/orders/7", instanceRelease: "v1.0", currentRelease: "v1.1" },
    ]);
  });

  test("has the status that the proxy told of, where the settings say original", async () => {
    const { ask } = await startBackendInDeploy({ settings: { statusCode: "original" } });
    const headers = { "x-original-status": "504", "x-upstream-release": "v1.0" };
    const answer = await ask("/decide", { ...headers, accept: "application/json" });
    expect([answer.status, answer.headers["x-maintenance"]]).toEqual([504, "1"]);
    expect(JSON.parse(answer.body)).toMatchObject({ status: 504 });
  });

  test("is 204 and pass for an error of the current release", async () => {
    const { ask, masked } = await startBackendInDeploy();
    const answer = await ask("/decide", { "x-original-status": "500", "x-upstream-release": "v1.1" });
    expect(answer).toMatchObject({ status: 204, body: "", headers: { "x-maintenance": "pass" } });
    expect(masked).toEqual([]);
  });

  test.each([
    ["the app meant it: load shedding", { "x-original-retry-after": "5" }],
    ["gRPC", { "x-original-content-type": "application/grpc" }],
    ["an exempt path", { "x-original-uri": "/health?a" }],
    ["no server error", { "x-original-status": "404" }],
  ])("is pass for what is exempt: %s", async (_, headers) => {
    const { ask } = await startBackendInDeploy();
    const answer = await ask("/decide", {
      "x-original-status": "500",
      "x-upstream-release": "v1.0",
      ...headers,
    });
    expect(answer).toMatchObject({ status: 204, headers: { "x-maintenance": "pass" } });
  });

  test("is pass where it only observes, and the error is told", async () => {
    const { ask, masked } = await startBackendInDeploy({ settings: { observe: true } });
    const answer = await ask("/decide", { "x-original-status": "500", "x-upstream-release": "v1.0" });
    expect(answer).toMatchObject({ status: 204, headers: { "x-maintenance": "pass" } });
    expect(masked).toMatchObject([{ observed: true, status: 500, instanceRelease: "v1.0" }]);
  });

  test("in manual mode is the page whatever the release, but not for who has a bypass", async () => {
    const { ask, intermission } = await startBackendInDeploy();
    const { bypass } = await intermission.switchOn({ mode: "errors", wait: false });
    const headers = { "x-original-status": "500", "x-upstream-release": "v1.1" };
    expect((await ask("/decide", headers)).headers).toMatchObject({
      "x-maintenance": "1",
      "x-maintenance-cause": "manual",
    });
    const pass = { ...headers, cookie: `intermission-bypass=${bypass.token}` };
    expect((await ask("/decide", pass)).status).toBe(204);
    expect((await ask("/decide", { ...pass, cookie: "intermission-bypass=1.forged" })).status).toBe(503);
  });
});

test("the page of an instance that masks by itself is passed, or made anew, and counted there alone", async () => {
  const { ask, masked } = await startBackendInDeploy();
  const headers = {
    ...{ "x-original-status": "503", "x-upstream-release": "v1.1", "x-original-retry-after": "60" },
    "x-original-maintenance": "manual",
  };
  expect(await ask("/decide", headers)).toMatchObject({ status: 204, headers: { "x-maintenance": "pass" } });
  expect(await ask("/error", headers)).toMatchObject({
    status: 503,
    headers: { "x-maintenance": "1", "x-maintenance-cause": "manual" },
  });
  const forged = { ...headers, "x-original-maintenance": "whatever" };
  expect((await ask("/error", forged)).headers["x-maintenance"]).toBe("regular");
  expect(masked).toEqual([]);
});

test.each([
  ["an earlier one", "v1.0", "1"],
  ["the current one", "v1.1", "regular"],
  ["one that no deploy recorded", "v9.9", "regular"],
  ["what is no release", "v1.0\u0000", "regular"],
])("for an error without a release, a report of %s (%o) makes it %s", async (_, release, expected) => {
  const store = memoryStore();
  const { intermission } = await startBackendInDeploy({ store });
  const report = { version: "0.2.0", startedAt: 0, release };
  await store.reports?.put(intermission.settings.app, "one", JSON.stringify(report), 60_000);
  const { ask, backend } = await startBackend({ store });
  const answer = await ask("/error", { "x-original-status": "500" });
  expect(answer.headers["x-maintenance"]).toBe(expected);
  expect(backend.published.situation.active).toBe(expected === "1");
});

describe("every other path is final", () => {
  const families: readonly (readonly [string, string, Readonly<Record<string, string>>, number])[] = [
    ["nginx", "/error", { "x-original-status": "502, 500", "x-upstream-release": "v1.0" }, 500],
    ["Caddy", "/error", { "x-original-status": "502", "x-upstream-release": "v1.0" }, 502],
    ["HAProxy's backup server", "/orders/7", { "x-upstream-release": "v1.0" }, 502],
    ["Apache", "/error", { "x-original-status": "503", "x-upstream-release": "v1.0" }, 503],
    ["Varnish", "/error", { "x-original-status": "500", "x-upstream-release": "v1.0" }, 500],
    ["Traefik", "/error/504?u=%2Forders", { "x-upstream-release": "v1.0" }, 504],
    [
      "ingress-nginx",
      "/",
      { "x-code": "503", "x-format": html, "x-namespace": "shop", "x-upstream-release": "v1.0" },
      503,
    ],
    ["/decide without a status", "/decide", { "x-upstream-release": "v1.0" }, 502],
    ["a visitor who looks for our endpoints", "/metrics", { "x-upstream-release": "v1.0" }, 502],
  ];

  test.each(families)("%s: the page for an old release", async (_, path, headers, status) => {
    const { ask, masked } = await startBackendInDeploy();
    const answer = await ask(path, headers);
    expect(answer).toMatchObject({ status: 503, headers: { "x-maintenance": "1", "retry-after": "60" } });
    expect(masked).toMatchObject([{ status, reason: "release-mismatch" }]);
  });

  test.each(families)(
    "%s: the regular error with its own status for the current one",
    async (_, path, headers, status) => {
      const { ask } = await startBackendInDeploy();
      const answer = await ask(path, { ...headers, "x-upstream-release": "v1.1" });
      expect(answer).toMatchObject({
        status,
        headers: {
          "x-maintenance": "regular",
          "content-length": String(Buffer.byteLength(answer.body)),
          "cache-control": "no-store",
        },
      });
    },
  );

  test("a regular error keeps its Retry-After, unless that is none", async () => {
    const { ask } = await startBackendInDeploy();
    const answer = async (retryAfter: string) =>
      (await ask("/error", { "x-original-status": "503", "x-original-retry-after": retryAfter })).headers;
    expect((await answer("120"))["retry-after"]).toBe("120");
    expect((await answer("Sun, 22 Nov 2026 19:00:00 GMT"))["retry-after"]).toContain("2026");
    expect(await answer("\xff\xfe")).toMatchObject({ "x-maintenance": "regular" });
    expect((await answer("\xff\xfe"))["retry-after"]).toBeUndefined();
  });

  test.each([
    ["text/html", "text/html; charset=utf-8", /<title>502 Bad Gateway<\/title>/],
    ["application/json", "application/problem+json", /"title":"Bad Gateway","status":502/],
    ["text/plain", "text/plain; charset=utf-8", /^502 Bad Gateway\n$/],
    ["image/png", "text/plain; charset=utf-8", /^$/],
  ])("a regular error is negotiated: %s", async (accept, type, body) => {
    const { ask } = await startBackendInDeploy();
    const answer = await ask("/a", { accept });
    expect(answer.headers["content-type"]).toBe(type);
    expect(answer.body).toMatch(body);
  });

  test.each(["state", "flag", "metrics", "healthz"])("no path of a visitor leads to /%s", async (name) => {
    const { ask } = await startBackendInDeploy();
    expect(await ask(`/${name}`)).toMatchObject({ status: 502, headers: { "x-maintenance": "regular" } });
  });

  test.each(["POST", "PUT", "DELETE", "OPTIONS", "PROPFIND"])("to a %s with a body", async (method) => {
    const { ask } = await startBackendInDeploy();
    const answer = await ask("/a", { "x-upstream-release": "v1.0" }, method, "x".repeat(100_000));
    expect(answer.status).toBe(503);
  });

  test("to HEAD, with the length and without the body", async () => {
    const { ask } = await startBackendInDeploy();
    const answer = await ask("/a", { "x-upstream-release": "v1.0" }, "HEAD");
    expect(answer).toMatchObject({ status: 503, body: "" });
    expect(Number(answer.headers["content-length"])).toBeGreaterThan(100);
  });
});

describe("an error without a release", () => {
  test("is judged by what is registered for its upstream's address", async () => {
    const { ask, masked } = await startBackendInDeploy({ upstreams: new Map([["10.0.0.1:80", "v1.0"]]) });
    const answer = (address: string) =>
      ask("/decide", { "x-original-status": "502", "x-upstream-addr": address });
    expect((await answer("10.0.0.1:80")).status).toBe(503);
    expect((await answer("10.0.0.2:80")).status).toBe(204);
    expect(masked).toMatchObject([{ instanceRelease: "v1.0" }]);
  });

  test("is judged by what its address has said before, where that may be learnt", async () => {
    const { ask } = await startBackendInDeploy({ learning: true });
    const from = { "x-original-status": "502", "x-upstream-addr": "10.0.0.1:80" };
    expect((await ask("/decide", from)).status).toBe(204);
    await ask("/decide", { ...from, "x-upstream-release": "v1.0" });
    expect((await ask("/decide", from)).status).toBe(503);
  });

  test("is masked while a deploy is open", async () => {
    const { ask, intermission } = await startBackendInDeploy();
    const status = async () => (await ask("/decide", { "x-original-status": "502" })).status;
    expect(await status()).toBe(204);
    const { id } = await intermission.openDeploy({ release: "v1.2", lease: 30_000, wait: false });
    expect(await status()).toBe(503);
    await intermission.closeDeploy({ id, outcome: "succeeded", wait: false });
    expect(await status()).toBe(204);
  });

  test("is masked in the window after a release, and not after the first of all", async () => {
    const { ask, intermission } = await startBackend({ window: 60_000 });
    const status = async () => (await ask("/decide", { "x-original-status": "502" })).status;
    expect(await status()).toBe(204);
    await intermission.createRelease("v1.0", { wait: false });
    expect(await status()).toBe(204);
    await intermission.createRelease("v1.1", { wait: false });
    expect(await status()).toBe(503);
  });
});

test("whatever a proxy sends, there is an answer that says whose it is", async () => {
  const { ask } = await startBackendInDeploy();
  const text = fc.stringMatching(/^[ -~]{0,40}$/);
  const name = fc.constantFrom(
    ...["x-original-status", "x-code", "x-original-uri", "x-original-method", "x-format", "accept"],
    ...[
      "x-upstream-release",
      "x-upstream-addr",
      "cookie",
      "accept-language",
      "x-original-content-type",
      "x-original-retry-after",
    ],
  );
  const path = fc.oneof(
    fc.constantFrom("/decide", "/error", "/"),
    fc.webPath().map((given) => `/${given}`),
  );
  await fc.assert(
    fc.asyncProperty(path, fc.dictionary(name, text), async (target, headers) => {
      const { status, headers: answered } = await ask(target, headers);
      expect(answered["x-maintenance"]).toMatch(status === 204 ? /^pass$/ : /^(?:1|regular)$/);
      if (status !== 204) expect(status).toBeGreaterThanOrEqual(400);
    }),
    { numRuns: 200 },
  );
});
