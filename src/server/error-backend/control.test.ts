import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { startBackend, startBackendInDeploy } from "../../../test/support/error-backend.ts";
import type { Store } from "../../core/ports.ts";
import { memoryStore } from "../../stores/memory/index.ts";

describe("control", () => {
  test("tells the state, and when it runs out", async () => {
    const { control, backend } = await startBackendInDeploy();
    await expect.poll(() => backend.published.situation.newest).toBe("v1.1");
    const answer = await control("/state");
    const state = JSON.parse(answer.body) as Readonly<Record<string, unknown>>;
    expect(answer.headers["content-type"]).toBe("application/json");
    expect(state).toMatchObject({
      ...{ app: "default", mode: "auto", newest: "v1.1", regular: ["v1.1"], deployOpen: false },
      ...{ active: false, status: 503, retryAfter: 60 },
    });
    for (const key of ["html", "json", "text"]) expect(state[key]).toMatch(/^[^\n]+$/);
    const left = Date.parse(String(state["validUntil"])) - Date.now();
    expect(left).toBeGreaterThan(10_000);
    expect(left).toBeLessThanOrEqual(30_000);
    expect(state["validUntilSeconds"]).toBe(Math.floor(Date.parse(String(state["validUntil"])) / 1000));
  });

  test("the flag is 200 while errors are intercepted, and 503 else", async () => {
    const changes: boolean[] = [];
    const { control, intermission } = await startBackendInDeploy({
      onChange: ({ situation }) => changes.push(situation.active),
    });
    const flag = async () => (await control("/flag")).status;
    expect(await flag()).toBe(503);
    await intermission.switchOn({ mode: "errors", wait: false });
    await expect.poll(flag).toBe(200);
    await intermission.switchOff({ wait: false });
    await expect.poll(flag).toBe(503);
    expect(changes).toEqual([true, false]);
  });

  test("metrics have what was judged and masked", async () => {
    const { ask, control } = await startBackendInDeploy();
    await ask("/decide", { "x-original-status": "500", "x-upstream-release": "v1.0" });
    await ask("/decide", { "x-original-status": "500", "x-upstream-release": "v1.1" });
    const { body, headers } = await control("/metrics");
    expect(headers["content-type"]).toContain("version=0.0.4");
    expect(body).toContain('intermission_masked_errors_total{reason="release-mismatch",status="500"} 1\n');
    expect(body).toContain('intermission_errors_total{verdict="regular",reason="release-match"} 1\n');
    expect(body).toContain('intermission_wait_seconds_bucket{le="+Inf"} 2\n');
    expect(body).toContain("intermission_store_up 1\n");
    for (const line of body.trimEnd().split("\n"))
      expect(line).toMatch(/^(?:# (?:HELP|TYPE) \w+ .+|\w+(?:\{[^}]*\})? [\d.e+-]+)$/);
  });

  test("health is good as long as it answers; nothing else is there", async () => {
    const { control } = await startBackendInDeploy();
    expect(await control("/healthz")).toMatchObject({
      status: 200,
      body: '{"status":"ok","storeUp":true}\n',
    });
    expect((await control("/decide")).status).toBe(404);
    expect((await control("/constructor")).status).toBe(404);
  });
});

describe("trouble", () => {
  const silent: Store = {
    read: () => new Promise(() => {}),
    write: () => Promise.resolve(false),
    close: () => Promise.resolve(),
  };

  test("a store that never answers keeps no error waiting for longer than its bound", async () => {
    const { ask, control } = await startBackend({ store: silent });
    const begun = performance.now();
    const answer = await ask("/decide", { "x-original-status": "500", "x-upstream-release": "v1.0" });
    expect(answer).toMatchObject({ status: 204, headers: { "x-maintenance": "pass" } });
    expect(performance.now() - begun).toBeLessThan(1000);
    expect((await control("/healthz")).status).toBe(200);
  });

  test("nor does one that stops answering", async () => {
    const store = memoryStore();
    let silenced = false;
    const { ask } = await startBackendInDeploy({
      store: { ...store, read: (...given) => (silenced ? new Promise(() => {}) : store.read(...given)) },
      settings: { freshFor: 0 },
    });
    silenced = true;
    const begun = performance.now();
    const answer = (release: string) =>
      ask("/decide", { "x-original-status": "500", "x-upstream-release": release });
    expect((await answer("v1.1")).status).toBe(204);
    expect((await answer("v1.0")).status).toBe(503);
    expect(performance.now() - begun).toBeLessThan(1000);
  });

  test("a body without an end is not waited for", async () => {
    const { backend } = await startBackendInDeploy();
    const socket = connect(Number(new URL(backend.url).port), "127.0.0.1");
    onTestFinished(() => {
      socket.destroy();
    });
    socket.write(
      "POST /a HTTP/1.1\r\nHost: a\r\nX-Upstream-Release: v1.0\r\nContent-Length: 9999999\r\n\r\nx",
    );
    const [chunk] = (await once(socket, "data")) as [Buffer];
    expect(chunk.toString("latin1")).toMatch(/^HTTP\/1\.1 503 /);
  });

  test("a second one on the same port is told so, and the first goes on", async () => {
    const { backend, ask } = await startBackendInDeploy();
    const port = Number(new URL(backend.url).port);
    await expect(startBackend({ listen: { host: "127.0.0.1", port } })).rejects.toMatchObject({
      code: "listen-failed",
    });
    expect((await ask("/a")).status).toBe(502);
  });
});
