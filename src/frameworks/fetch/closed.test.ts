import { expect, test } from "vitest";
import { closedSite, cookieOf } from "../../../test/support/closed-site.ts";
import { maintenancePage } from "./index.ts";

const request = (path = "/", init: RequestInit = {}): Request =>
  new Request(`https://site.example${path}`, init);

test("a closed site does not call the handler, but for who is exempt", async () => {
  const { intermission, token } = await closedSite(
    { exemptPaths: ["/health"], exemptAddresses: ["0.0.0.0/0"], message: "Moving" },
    { skip: (asked) => (asked as Request).headers.has("x-staff") },
  );
  const asked: string[] = [];
  const handle = maintenancePage(
    ({ url }: Request) => {
      asked.push(new URL(url).pathname);
      return new Response("open", { status: url.endsWith("/broken") ? 500 : 200 });
    },
    { intermission },
  );
  const page = await handle(request("/", { headers: { accept: "application/json" } }));
  expect(page.status).toBe(503);
  expect(page.headers.get("x-maintenance")).toBe("closed");
  expect(await page.json()).toMatchObject({ detail: "Moving Please try again in 1 minute." });
  const head = await handle(request("/", { method: "HEAD" }));
  expect([head.status, await head.text()]).toEqual([503, ""]);
  expect(asked).toEqual([]);

  const cookie = { headers: { cookie: cookieOf(token) } };
  expect((await handle(request("/health"))).status).toBe(200);
  expect((await handle(request("/staff", { headers: { "x-staff": "1" } }))).status).toBe(200);
  expect((await handle(request("/a", cookie))).status).toBe(200);
  expect((await handle(request("/broken", cookie))).status).toBe(500);
  expect(asked).toEqual(["/health", "/staff", "/a", "/broken"]);
});

test("a bypass link becomes a cookie", async () => {
  const { intermission, token } = await closedSite();
  const handle = maintenancePage(() => new Response("open"), { intermission });
  const response = await handle(request(`/a?b=1&intermission-bypass=${token}`));
  expect(response.status).toBe(302);
  expect(response.headers.get("location")).toBe("/a?b=1");
  expect(response.headers.get("set-cookie")).toMatch(
    /^__Host-intermission-bypass-default=\d+\.[\w-]{43}; HttpOnly; Secure; SameSite=Lax; Path=\/; Max-Age=43200$/,
  );
  expect((await handle(request(`/?intermission-bypass=${token}x`))).status).toBe(503);
});
