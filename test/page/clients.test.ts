import { afterEach, describe, expect, test } from "vitest";
import { maintenancePage as fetchPage } from "../../src/frameworks/fetch/index.ts";
import { maintenancePage as nodePage } from "../../src/frameworks/node/index.ts";
import { midDeploy } from "../support/deploy-window.ts";
import { listen, type RunningServer } from "../support/http.ts";

const servers: RunningServer[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

type Ask = (headers: Record<string, string>) => Promise<Response>;

const adapters: Readonly<Record<string, () => Promise<Ask>>> = {
  async node() {
    const intermission = await midDeploy();
    const server = await listen(
      nodePage((_, response) => response.writeHead(500).end("secret"), { intermission }),
    );
    servers.push(server);
    return (headers) => fetch(server.url, { headers });
  },
  async fetch() {
    const intermission = await midDeploy();
    const handle = fetchPage(() => new Response("secret", { status: 500 }), { intermission });
    return async (headers) => handle(new Request("http://site.example/", { headers }));
  },
};

describe.each(Object.entries(adapters))("through %s", (_name, open) => {
  test.each([
    [
      "a GraphQL client",
      { accept: "application/graphql-response+json, application/json;q=0.9" },
      "application/graphql-response+json",
      '"code":"SERVICE_UNAVAILABLE"',
    ],
    ["a JSON:API client", { accept: "application/vnd.api+json" }, "application/vnd.api+json", '"errors":[{'],
    ["an XML client", { accept: "application/xml" }, "application/problem+xml", "<status>503</status>"],
    [
      "an event source",
      { accept: "text/event-stream" },
      "text/event-stream; charset=utf-8",
      "retry: 60000\n",
    ],
    ["a terminal", { accept: "text/plain" }, "text/plain; charset=utf-8", "We’ll be right back\n"],
    ["htmx", { accept: "*/*", "hx-request": "true" }, "text/html; charset=utf-8", '<div role="alert"'],
    [
      "htmx, boosted",
      { accept: "*/*", "hx-request": "true", "hx-boosted": "true" },
      "text/html; charset=utf-8",
      "<!doctype html>",
    ],
    [
      "a Turbo frame",
      { accept: "text/html, application/xhtml+xml", "turbo-frame": "basket" },
      "text/html; charset=utf-8",
      '<meta name="turbo-visit-control" content="reload">',
    ],
  ])("%s gets what it can show", async (_client, headers, contentType, part) => {
    const response = await (await open())(headers);
    expect(response.status).toBe(503);
    expect(response.headers.get("content-type")).toBe(contentType);
    expect(response.headers.get("retry-after")).toBe("60");
    const body = await response.text();
    expect(body).toContain(part);
    expect(body).not.toContain("secret");
  });
});
