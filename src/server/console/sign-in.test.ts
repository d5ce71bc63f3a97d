import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { ask, form, start, token } from "../../../test/support/console.ts";

/** Signs in from the page that a browser gets for this address. Returns where that leads. */
async function signInFrom(running: { readonly url: string }, path: string, given = token) {
  const { hostname, port, origin } = new URL(running.url);
  const sent = request({ hostname, port, path, headers: { accept: "text/html,*/*;q=0.8" } });
  sent.end();
  const [page] = (await once(sent, "response")) as [IncomingMessage];
  const html = await text(page);
  const [, action = ""] = /<form method="post" action="([^"]*)"/.exec(html) ?? [];
  const [, next = ""] = /name="next" value="([^"]*)"/.exec(html) ?? [];
  const fields = new URLSearchParams({ token: given, next: next.replaceAll("&amp;", "&") });
  const session = new URL(action, new URL(`.${path}`, `${origin}/`));
  const answer = await ask(running, session.pathname, {
    ...{ method: "POST", origin, ...form, body: fields.toString() },
  });
  return {
    status: page.statusCode,
    answer,
    next,
    leads: new URL(answer.headers.location ?? "", session).href,
  };
}

test.each([
  "/deploys/1764540000000/",
  "/apps/shop/",
  "/apps/a%2Fb/deploys/1764540000000/",
  "/actions/create-release?release=v1.2&by=ann",
])("a link to %s asks for the token, and then leads there", async (path) => {
  const running = await start();
  const { origin } = new URL(running.url);
  const { status, answer, leads } = await signInFrom(running, path);
  expect([status, answer.status, leads]).toEqual([401, 303, origin + path]);
  const { next } = await signInFrom(running, path, "a wrong one");
  expect(next.replaceAll("&amp;", "&")).toBe(path);
});

test.each([
  ...[
    "//evil.example",
    "//evil.example/deploys/1/",
    "/\\evil.example",
    "/.//evil.example",
    "/%2f%2fevil.example",
  ],
  ...["/apps/../../evil", "/deploys/1//", "/deploys/12345678901234567/", `/actions/${"a".repeat(33)}`],
  ...["/session", "/events", "/preview", "/nothing", "/apps/%0d%0aset-cookie:a/b"],
])("an address that is no page of the console leads to its first page: %j", async (path) => {
  const running = await start();
  const { origin } = new URL(running.url);
  const { status, next } = await signInFrom(running, path);
  expect([status, next]).toEqual([401, "/"]);
  for (const forged of [
    path,
    `https:${path}`,
    "https://evil.example/",
    "evil.example",
    "javascript:a()",
    "",
  ]) {
    const body = new URLSearchParams({ token, next: forged }).toString();
    const sent = { method: "POST", origin, ...form, body };
    expect((await ask(running, "/session", sent)).headers.location).toBe("./");
  }
});

test("where to go is kept within bounds", async () => {
  const running = await start();
  for (const path of [`/apps/${"a".repeat(401)}/`, `/?${"a".repeat(2001)}`, `/${"../".repeat(3000)}`])
    expect((await signInFrom(running, path)).next).toBe("/");
});

test("what shows no page of its own is refused in a word", async () => {
  const running = await start();
  for (const headers of [
    { accept: "text/event-stream" },
    { accept: "*/*" },
    { accept: "text/html", "sec-fetch-dest": "iframe" },
    { accept: "text/html", method: "POST" },
  ])
    expect((await ask(running, "/deploys/1/", headers)).body).toBe("Sign in first.\n");
});
