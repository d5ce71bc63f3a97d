import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { recipes, startSite, type Site } from "./site.ts";
import { startStubProxy } from "./stub-proxy.ts";

const recipe = readFileSync(join(recipes, "traefik/dynamic.yml"), "utf8");
const query = /query: "(.+)"/.exec(recipe)?.[1] ?? "";
/** The headers that the recipe makes Traefik remove: `Name: ""`. */
const removed = [...recipe.matchAll(/^ {10}([\w-]+): ""$/gm)].map(([, name = ""]) => name.toLowerCase());

/**
 * Traefik's errors middleware, by its source (pkg/middlewares/customerrors): a GET to the service, with the
 * query's placeholders filled in and the visitor's headers, and the original's status whatever the service
 * says.
 */
describe("Traefik, by what its errors middleware sends", () => {
  let site: Site;
  beforeAll(async () => {
    site = await startSite((place) =>
      startStubProxy(place, {
        status: "original",
        ask({ status }, { url = "/", headers }) {
          const kept = Object.entries(headers).filter(([name]) => !removed.includes(name));
          const asked = encodeURIComponent(`http://${headers.host ?? ""}${url}`);
          const path = query.replace("{status}", String(status)).replace("{url}", asked);
          return { method: "GET", path, headers: Object.fromEntries(kept) };
        },
      }),
    );
    return () => site.close();
  });

  test("before a deploy, an error is a plain one of the same status", async () => {
    const answer = await site.visit("/status/502?release=v1.0");
    expect(answer).toMatchObject({ status: 502, headers: { "x-maintenance": "regular" } });
    expect((await site.visit("/ok")).status).toBe(200);
  });

  test("in a deploy it is the page, with the status of the error", async () => {
    await site.operations.createRelease("v1.1", { wait: 1000 });
    const page = await site.visit("/status/500?release=v1.0", { headers: { Accept: "text/html" } });
    expect(page).toMatchObject({ status: 500, headers: { "x-maintenance": "1", "retry-after": "60" } });
    expect(page.body).toMatch(/^<!doctype html>/i);
    await site.app.refuse();
    expect((await site.visit("/refused")).headers["x-maintenance"]).toBe("1");
    await site.app.accept();
  });

  test("what Traefik lets a visitor say of whence it asks does not reach the app", () => {
    // For the others it trusts no visitor:
    // https://doc.traefik.io/traefik/routing/entrypoints/#forwarded-headers
    const passed = ["forwarded", "x-forwarded-protocol", "x-forwarded-scheme", "x-forwarded-ssl"];
    expect(removed).toEqual(expect.arrayContaining(passed));
  });

  test("serve learns the path from the query, and nothing from a visitor's headers", async () => {
    expect((await site.visit("/exempt/path?a=b")).headers["x-maintenance"]).toBe("regular");
    const forged = {
      "X-Original-Status": "404",
      "X-Original-URI": "/exempt/path",
      "X-Upstream-Release": "v1.1",
    };
    expect((await site.visit("/status/500", { headers: forged })).headers["x-maintenance"]).toBe("1");
  });
});
