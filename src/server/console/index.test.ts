import { once } from "node:events";
import { createServer, request, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import {
  ask,
  bearer,
  closings,
  form,
  putReport,
  readToken,
  start,
  store,
  token,
} from "../../../test/support/console.ts";
import { playDeploy } from "../../../test/support/played-deploy.ts";
import { consoleListener } from "./listener.ts";

describe("who may see it", () => {
  test("nobody without the token: a page asks for it, and all else is refused", async () => {
    const running = await start();
    const front = await ask(running, "/");
    expect(front.status).toBe(401);
    expect(front.body).toContain("Sign in");
    expect(front.body).not.toContain("v1.1");
    for (const path of ["/events", "/actions/rollback", "/preview", "/nothing"])
      expect((await ask(running, path)).status).toBe(401);
    const change = await ask(running, "/actions/off", { method: "POST", "sec-fetch-site": "same-origin" });
    expect(change.status).toBe(401);
  });

  test("the token becomes a cookie that no script and no other site gets", async () => {
    const running = await start();
    const { origin } = new URL(running.url);
    const signedIn = await ask(running, "/session", {
      method: "POST",
      origin,
      ...form,
      body: `token=${token}`,
    });
    expect(signedIn.status).toBe(303);
    const [cookie = ""] = signedIn.headers["set-cookie"] ?? [];
    expect(cookie).toMatch(/; HttpOnly; SameSite=Strict; Path=\//);
    expect(cookie).not.toContain(token);
    const board = await ask(running, "/", { cookie: cookie.split(";", 1)[0] });
    expect(board.status).toBe(200);
    expect(board.body).toContain("v1.1");
  });

  test("a random token is made where none was given, and stands in the fragment", async () => {
    const [one, other] = [await start({ token: undefined }), await start({ token: undefined })];
    const hashes = [one, other].map(({ url }) => new URL(url).hash);
    expect(hashes[0]).toMatch(/^#token=[\w-]{43}$/);
    expect(hashes[0]).not.toBe(hashes[1]);
  });

  test("who tries tokens is stopped, and who has the right one as well, for a minute", async () => {
    const running = await start();
    for (let tries = 0; tries < 10; tries++)
      expect((await ask(running, "/", { authorization: "Bearer wrong" })).status).toBe(401);
    expect((await ask(running, "/", bearer)).status).toBe(429);
  });

  test.each(["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "[::2]"])(
    "not under the name %j, which somebody else may have pointed here",
    async (host) => {
      const { status } = await ask(await start(), "/", { ...bearer, host });
      expect([400, 421]).toContain(status);
    },
  );

  test("under a name that was given", async () => {
    const running = await start({ hosts: ["console.shop.example"] });
    expect((await ask(running, "/", { ...bearer, host: "Console.shop.example:443" })).status).toBe(200);
  });

  test("by a proxy's header, from the proxy's address alone", async () => {
    const header = "x-remote-user";
    const trusting = await start({ trusted: { header, addresses: ["127.0.0.0/8"] } });
    expect((await ask(trusting, "/", { [header]: "ann" })).body).toContain("as ann");
    const elsewhere = await start({ trusted: { header, addresses: ["203.0.113.7"] } });
    expect((await ask(elsewhere, "/", { [header]: "ann" })).status).toBe(401);
    expect((await ask(await start(), "/", { [header]: "ann" })).status).toBe(401);
  });
});

describe("who may change it", () => {
  test.each([
    ["another site", { "sec-fetch-site": "cross-site" }],
    ["another port of this machine", { "sec-fetch-site": "same-site" }],
    ["another origin", { origin: "http://evil.example" }],
    ["nowhere", { origin: "null" }],
  ])("no form of %s", async (_, headers) => {
    const running = await start();
    const sent = { method: "POST", ...bearer, ...headers, ...form, body: "release=v1.0" };
    expect((await ask(running, "/actions/rollback", sent)).status).toBe(403);
    expect((await ask(running, "/", bearer)).body).toContain("since");
    expect((await store.read("default")).version).toBe(2);
  });

  test.each([
    ["with the token to look", { authorization: `Bearer ${readToken}` }, {}],
    ["where all may only look", bearer, { readOnly: true }],
  ])("nobody %s", async (_, headers, options) => {
    const running = await start(options);
    const board = await ask(running, "/", headers);
    expect(board.status).toBe(200);
    expect(board.body).not.toContain("actions/");
    expect((await ask(running, "/actions/rollback", headers)).status).toBe(404);
    const sent = { method: "POST", ...headers, ...form, body: "release=v1.0" };
    expect((await ask(running, "/actions/rollback", sent)).status).toBe(403);
    expect((await store.read("default")).version).toBe(2);
  });
});

describe("what it shows", () => {
  test("releases, instances by release, what was hidden, and who did what", async () => {
    await putReport("web-1", "v1.1");
    await putReport("web-2", "v1.0", 7);
    await putReport("web-3", "v0.1");
    const { body } = await ask(await start(), "/", bearer);
    expect(body).toContain("Errors of 2 instances get the page");
    expect(body).toContain("never recorded here");
    expect(body).toContain("7 errors were hidden");
    expect(body).toContain("/orders/:id");
    expect(body).toContain("deploy@runner");
  });

  test("errors over time, as a drawing and as a table, with the deploys marked", async () => {
    await playDeploy(store, { app: "shop" });
    const { body } = await ask(await start({ app: "shop" }), "/", bearer);
    const [, words = ""] = /<svg class="chart" role="img" aria-label="([^"]+)"/.exec(body) ?? [];
    expect(words).toMatch(
      /^\d+ hidden and 8 real errors, from 1 h ago to now; v1\.0: 4\d min .*ago, v1\.1: /,
    );
    expect(body).toMatch(/<path class="hidden" d="M0 100V/);
    expect(body).toMatch(/<tr><td>6 min ago<\/td><td class="number">\d+<\/td>/);
  });

  test("a deploy by its address, for whoever reloads it and for whoever has no script", async () => {
    const { begunAt } = await playDeploy(store, { app: "shop" });
    const running = await start({ app: "shop" });
    const path = `/deploys/${String(begunAt)}/`;
    expect((await ask(running, "/", bearer)).body).toContain(`href="deploys/${String(begunAt)}/"`);
    const { status, body } = await ask(running, path, bearer);
    expect(status).toBe(200);
    expect(body).toContain("7 came with it, 7 of other releases are gone, 5 are left");
    expect(body).toMatch(/<td>web-3<\/td><td>stopped, with <code>v1\.0<\/code>/);
    expect(body).toContain("/orders/:id");
    for (const wrong of ["/deploys/1/", "/deploys/x/", `/deploys/${"9".repeat(17)}/`, "/deploys/1/events"])
      expect((await ask(running, wrong, bearer)).status).toBe(404);
    expect((await ask(running, path)).status).toBe(401);
  });

  test("several apps of one store, side by side", async () => {
    await playDeploy(store, { app: "shop" });
    const running = await start({ app: ["shop", "default", "a/b"] });
    const { body } = await ask(running, "/", bearer);
    expect(body).toContain('href="apps/shop/"');
    expect(body).toContain('href="apps/a%2Fb/"');
    expect(body).toContain("A deploy is open");
    expect((await ask(running, "/apps/shop/", bearer)).body).toContain("7 of 12 instances run it");
    expect((await ask(running, "/apps/a%2Fb/", bearer)).body).toContain("no release is recorded");
    expect((await ask(running, "/apps/shop", bearer)).headers.location).toBe("./shop/");
    expect((await ask(running, "/apps/other/", bearer)).status).toBe(404);
    const sent = { method: "POST", ...bearer, ...form, body: "release=v1.0" };
    expect((await ask(running, "/apps/default/actions/rollback", sent)).status).toBe(303);
    expect((await store.read("default")).version).toBe(3);
    expect((await store.read("shop")).version).toBe(1);
  });

  test("nothing as markup, whatever the store says", async () => {
    await putReport('<img src=x onerror="a()">', "<script>1</script>");
    const { body, headers } = await ask(await start(), "/", bearer);
    expect(body).not.toContain("<img");
    expect(body).not.toContain("<script>1");
    expect(headers["content-security-policy"]).toMatch(/^default-src 'none'; script-src 'sha256-/);
    expect(headers["content-security-policy"]).not.toContain("unsafe");
  });

  test.each(["/", "/actions/rollback", "/deploys/1/"])("no other site may frame it: %s", async (path) => {
    const { headers } = await ask(await start(), path, bearer);
    expect(headers["content-security-policy"]).toContain("frame-ancestors 'none'");
    expect(headers["cache-control"]).toBe("no-store");
    expect(headers["x-content-type-options"]).toBe("nosniff");
  });

  test("what is recorded, pushed to those who look", async () => {
    const running = await start();
    const sent = request(new URL("/events", running.url), { headers: bearer });
    sent.end();
    const [stream] = (await once(sent, "response")) as [IncomingMessage];
    let seen = "";
    stream.setEncoding("utf8").on("data", (piece: string) => (seen += piece));
    await expect.poll(() => seen).toContain("v1.1");
    expect(seen).not.toContain("v1.2");
    await ask(running, "/actions/create-release", {
      method: "POST",
      ...bearer,
      ...form,
      body: "release=v1.2",
    });
    await expect.poll(() => seen, { timeout: 5000 }).toContain("v1.2");
    stream.destroy();
  });

  test("that the store can't be read, and what it said last", async () => {
    const running = await start();
    await ask(running, "/", bearer);
    store.read = () => Promise.reject(new Error("gone away"));
    await expect
      .poll(async () => (await ask(running, "/", bearer)).body, { timeout: 3000 })
      .toMatch(/The store can't be read now.*gone away/);
    expect((await ask(running, "/", bearer)).body).toContain("v1.1");
  });
});

test("mounted in an app, it goes by the app's own authentication", async () => {
  const console = consoleListener({
    store,
    visitor: ({ headers }) => {
      if (headers["x-user"] === "broken") throw new Error("no session");
      return headers["x-user"] === "ann" ? { name: "ann\u001B[2J", mayChange: true } : undefined;
    },
  });
  const server = createServer(console);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closings.push(async () => {
    console.close();
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  expect((await ask({ url }, "/", { host: "admin.shop.example" })).status).toBe(403);
  expect((await ask({ url }, "/", { "x-user": "broken" })).status).toBe(403);
  expect((await ask({ url }, "/", { "x-user": "ann" })).body).toContain("as ann[2J");
  const sent = {
    method: "POST",
    "x-user": "ann",
    "sec-fetch-site": "same-origin",
    ...form,
    body: "release=v1.0",
  };
  expect((await ask({ url }, "/actions/rollback", sent)).status).toBe(303);
});
