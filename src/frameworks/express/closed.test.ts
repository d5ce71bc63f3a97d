import type { RequestListener } from "node:http";
import express5, { type Express } from "express";
// @ts-expect-error: the types of Express 5 serve for both.
import express4 from "express4";
import { afterEach, describe, expect, test } from "vitest";
import { closedSite, cookieOf } from "../../../test/support/closed-site.ts";
import { listen, visit, type RunningServer } from "../../../test/support/http.ts";
import type { Intermission } from "../../core/intermission.ts";
import { maintenancePage } from "./index.ts";

const running: RunningServer[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()));
});

const versions: readonly (readonly [name: string, express: typeof express5])[] = [
  ["Express 4", express4],
  ["Express 5", express5],
];

describe.each(versions)("%s", (_, express) => {
  let asked: string[];

  async function serve(intermission: Intermission, set: (app: Express) => void = () => undefined) {
    asked = [];
    const app = express().set("env", "test");
    set(app);
    app.use(maintenancePage({ intermission }));
    app.use((request, response) => {
      asked.push(request.originalUrl);
      if (request.path === "/broken") throw new Error("broken");
      response.send("open");
    });
    const server = await listen(app as RequestListener);
    running.push(server);
    return server.url;
  }

  test("a closed site answers every method with the page, and the app is not asked", async () => {
    const { intermission } = await closedSite({ message: "We <move>", backAt: { fromNow: 3_600_000 } });
    const url = await serve(intermission, (app) => {
      app.use((_request, response, next) => {
        response.set({ "access-control-allow-origin": "*", vary: "Origin", etag: '"x"' });
        next();
      });
    });
    const page = await visit(url, { headers: { accept: "text/html" } });
    expect(page.status).toBe(503);
    expect(page.headers).toMatchObject({
      "x-maintenance": "closed",
      "cache-control": "no-store",
      "access-control-allow-origin": "*",
      vary: "Origin, Accept, Accept-Language",
      "content-length": String(Buffer.byteLength(page.body)),
    });
    expect(page.headers.etag).toBeUndefined();
    expect(Number(page.headers["retry-after"])).toBeGreaterThan(3590);
    expect(page.body).toContain("We &lt;move&gt;");
    const head = await visit(url, { method: "HEAD", headers: { accept: "text/html" } });
    expect(head).toMatchObject({ status: 503, body: "" });
    const post = await visit(url, {
      method: "POST",
      body: "x".repeat(200_000),
      headers: { accept: "application/json" },
    });
    expect(post.status).toBe(503);
    expect(JSON.parse(post.body)).toMatchObject({ detail: expect.stringContaining("We <move>") as string });
    expect(asked).toEqual([]);
  });

  test("exempt paths reach the app, and their errors stay regular", async () => {
    const { intermission } = await closedSite({ exemptPaths: ["/broken"] }, { exempt: ["/health"] });
    const url = await serve(intermission);
    expect(await visit(`${url}/health?full`)).toMatchObject({ status: 200, body: "open" });
    expect((await visit(`${url}/broken`)).status).toBe(500);
    expect((await visit(`${url}/healthy`)).status).toBe(503);
    expect(asked).toEqual(["/health?full", "/broken"]);
  });

  test("a client's address is what trust proxy makes of it, and nothing that he says himself", async () => {
    const { intermission } = await closedSite({ exemptAddresses: ["203.0.113.0/24"] });
    const headers = { "x-forwarded-for": "203.0.113.9" };
    const direct = await serve(intermission);
    expect((await visit(direct, { headers })).status).toBe(503);
    const behind = await serve(intermission, (app) => app.set("trust proxy", "loopback"));
    expect((await visit(behind, { headers })).status).toBe(200);
    expect((await visit(behind, { headers: { "x-forwarded-for": "198.51.100.1" } })).status).toBe(503);
    // What a visitor forged comes before what the proxy added.
    const forged = { "x-forwarded-for": "203.0.113.9, 198.51.100.1" };
    expect((await visit(behind, { headers: forged })).status).toBe(503);
  });

  test("this machine's own address may be exempt", async () => {
    const { intermission } = await closedSite({ exemptAddresses: ["127.0.0.0/8"] });
    const url = await serve(intermission);
    expect((await visit(url)).status).toBe(200);
    expect((await visit(`${url}/broken`)).status).toBe(500);
  });

  test("skip sees the framework's request", async () => {
    const skip = (request: unknown): boolean => (request as express5.Request).get("x-staff") === "yes";
    const { intermission } = await closedSite({}, { skip });
    const url = await serve(intermission);
    expect((await visit(url, { headers: { "x-staff": "yes" } })).status).toBe(200);
    expect((await visit(url)).status).toBe(503);
  });

  test("a bypass link becomes a cookie, and the cookie opens the site", async () => {
    const { intermission, token } = await closedSite();
    const url = await serve(intermission);
    const link = await visit(`${url}/books?page=2&intermission-bypass=${token}`);
    expect(link.status).toBe(302);
    expect(link.headers.location).toBe("/books?page=2");
    expect(link.headers["set-cookie"]).toEqual([
      `intermission-bypass-default=${token}; HttpOnly; Secure; SameSite=Lax; Path=/; Max-Age=43200`,
    ]);
    expect(asked).toEqual([]);
    const cookie = link.headers["set-cookie"]?.[0]?.split(";")[0] ?? "";
    expect((await visit(`${url}/books`, { headers: { cookie } })).status).toBe(200);
    expect((await visit(`${url}/broken`, { headers: { cookie } })).status).toBe(500);

    await intermission.switchOn({ mode: "closed", wait: false });
    expect((await visit(`${url}/books`, { headers: { cookie } })).status).toBe(503);
    expect((await visit(`${url}/?intermission-bypass=${token}`)).status).toBe(503);
  });

  test("a token that is none is ignored: the page, and nothing else", async () => {
    const { intermission, token } = await closedSite();
    const url = await serve(intermission);
    const forged = token.replace(/.$/, (last) => (last === "A" ? "E" : "A"));
    for (const bad of [forged, token.slice(0, -1), "x", "", "%00", "a".repeat(5000)]) {
      expect((await visit(`${url}/?intermission-bypass=${bad}`)).status).toBe(503);
      expect((await visit(url, { headers: { cookie: cookieOf(bad) } })).status).toBe(503);
    }
    expect((await visit(`${url}/?intermission-bypass=${token}`, { method: "POST" })).status).toBe(503);
    expect(asked).toEqual([]);
  });

  test("in mode errors successes stay, and a bypass shows the errors as they are", async () => {
    const { intermission, token } = await closedSite({ mode: "errors" });
    const url = await serve(intermission);
    expect((await visit(url)).status).toBe(200);
    const page = await visit(`${url}/broken`);
    expect(page).toMatchObject({ status: 503, headers: { "x-maintenance": "manual" } });
    expect((await visit(`${url}/broken`, { headers: { cookie: cookieOf(token) } })).status).toBe(500);
  });

  test("what the app throws behind a gate that waits is the app's as ever", async () => {
    const { intermission, token } = await closedSite();
    const url = await serve(intermission);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => visit(`${url}/broken`, { headers: { cookie: cookieOf(token) } })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([500]));
  });
});
