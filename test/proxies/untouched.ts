import { expect, test } from "vitest";
import { cookies, firstHalf, large, secondHalf, zipped } from "./app.ts";
import { beginStream, echoOverSocket } from "./clients.ts";
import type { Site } from "./site.ts";

/** Headers that apps and frameworks trust as a proxy's. */
const forwarded = {
  Forwarded: "for=192.0.2.66;proto=https;host=forged.example",
  "X-Forwarded-For": "192.0.2.66",
  "X-Forwarded-Host": "forged.example",
  "X-Forwarded-Port": "192",
  "X-Forwarded-Prefix": "/forged",
  "X-Forwarded-Proto": "https",
  "X-Forwarded-Protocol": "ssl",
  "X-Forwarded-Scheme": "https",
  "X-Forwarded-Server": "forged.example",
  "X-Forwarded-Ssl": "on",
  "X-Real-IP": "192.0.2.66",
};

/** Defines the tests of what no recipe ever changes. */
export function testUntouched(site: () => Site): void {
  test("a success and a 404 are as the app sent them", async () => {
    const ok = await site().visit("/ok?release=v1.0");
    expect(ok).toMatchObject({ status: 200, body: "All is well." });
    expect(ok.headers["set-cookie"]).toEqual(cookies);
    expect(ok.headers["x-release"]).toBeUndefined();
    expect(await site().visit("/missing")).toMatchObject({ status: 404, body: "Not here." });
  });

  test("a success is streamed", async () => {
    const { first, rest } = await beginStream(site().place.port, "/stream?release=v1.0");
    expect(first).toBe(firstHalf);
    site().app.resume();
    expect(await rest).toBe(secondHalf);
  });

  test("a WebSocket works", async () => {
    expect(await echoOverSocket(site().place.port, "/socket")).toBe("echo hello");
  });

  test.each([
    ["says so itself", { "X-Trace": "kept" }],
    // Headers named in Connection end with their message (RFC 9110 section 7.6.1): the proxy's own must not.
    [
      "calls the proxy's own headers its connection's",
      { Connection: "close, X-Forwarded-For, X-Forwarded-Proto" },
    ],
  ])("a visitor who %s does not tell the app whence it asks", async (_, headers) => {
    const { port } = site().place;
    const { status, body } = await site().visit("/status/200", { headers: { ...forwarded, ...headers } });
    // Varnish refuses such requests.
    if (status === 400 && "Connection" in headers) return;
    const told = (JSON.parse(body) as { readonly headers: Readonly<Record<string, string>> }).headers;
    expect(told).toMatchObject({
      host: `127.0.0.1:${String(port)}`,
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-proto": "http",
    });
    const ours = new Set(["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-server"]);
    for (const name of Object.keys(forwarded).map((name) => name.toLowerCase())) {
      if (!ours.has(name)) expect(told).not.toHaveProperty(name);
    }
    expect(JSON.stringify(told)).not.toContain("forged");
  });

  test("the paths of serve are the app's", async () => {
    for (const path of ["/state", "/flag", "/metrics", "/healthz", "/decide", "/error"]) {
      const { status, body } = await site().visit(path, { headers: { "X-Original-Status": "500" } });
      expect({ status, app: (JSON.parse(body) as { readonly app: string }).app }).toEqual({
        status: 200,
        app: path,
      });
    }
    // A recipe's internal paths are not for visitors either.
    for (const path of ["/.intermission/page", "/.intermission/error", "/.intermission/state"]) {
      const { headers } = await site().visit(path, { headers: { "X-Original-Status": "500" } });
      expect(headers["x-maintenance"]).toBeUndefined();
    }
  });
}

/** @param release One whose errors are regular. */
export function testKept(site: () => Site, release: string): void {
  test("a regular error is as the app sent it: JSON, large, and compressed", async () => {
    const json = await site().visit(`/json?release=${release}`);
    expect(json).toMatchObject({ status: 500, body: '{"of":"the app"}', headers: { "x-of-the-app": "yes" } });
    expect(json.headers["content-type"]).toBe("application/json");
    expect(json.headers["set-cookie"]).toEqual(cookies);
    expect(json.headers["x-maintenance"]).toBeUndefined();
    expect((await site().visit(`/large?release=${release}`)).body === large).toBe(true);
    const compressed = await site().visit(`/zipped?release=${release}`, {
      headers: { "Accept-Encoding": "gzip" },
    });
    expect(compressed.headers["content-encoding"]).toBe("gzip");
    expect(compressed.body).toBe(zipped.toString("utf8"));
    const head = await site().visit(`/json?release=${release}`, { method: "HEAD" });
    expect({ status: head.status, body: head.body }).toEqual({ status: 500, body: "" });
  });
}
