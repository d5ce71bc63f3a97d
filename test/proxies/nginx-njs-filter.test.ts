import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { recipes } from "./site.ts";

/* The njs of Debian 12 is too old for the recipe, so that its filter is also run here, on what it uses of nginx. */

interface Exchange {
  status: number;
  readonly headersIn: Record<string, string>;
  readonly headersOut: Record<string, string | readonly string[]>;
  readonly variables: Record<string, string | undefined>;
  error(message: string): void;
}

const state = {
  ...{ active: true, mode: "auto", newest: "v1.1", regular: ["v1.1"], status: 503 },
  validUntilSeconds: Date.now() / 1000 + 3600,
  html: "<!doctype html>The page.",
  headers: {
    html: {
      "Content-Type": "text/html",
      Vary: "Accept",
      "Content-Security-Policy": "default-src 'none'; frame-ancestors 'self'; base-uri 'none'",
    },
  },
  keep: { names: ["set-cookie", "x-tenant"], families: [] },
};

const shared = new Map([["state", JSON.stringify(state)]]);
let filter: { header(exchange: Exchange): void };
beforeAll(async () => {
  Reflect.set(globalThis, "ngx", { shared: { intermission: shared } });
  const module: unknown = await import(join(recipes, "nginx/intermission.js"));
  filter = (module as { readonly default: typeof filter }).default;
});
afterAll(() => Reflect.deleteProperty(globalThis, "ngx"));

function fail(headersOut: Exchange["headersOut"], release = "v1.0"): Exchange {
  const exchange: Exchange = {
    status: 500,
    headersIn: { Accept: "text/html" },
    headersOut: { "Content-Type": "text/plain", ...headersOut },
    variables: { upstream_http_x_release: release },
    error(message) {
      throw new Error(message);
    },
  };
  filter.header(exchange);
  return exchange;
}

test("the page keeps of the failed answer what stays, and what the state names", () => {
  const cookies = ["a=1", "b=2"];
  const { status, headersOut, variables } = fail({
    ...{ "Set-Cookie": cookies, "X-Tenant": "seven", "X-Request-Id": "abc", Vary: "X-Shop" },
    ...{ ETag: '"1"', "X-Accel-Expires": "60", "X-Error": "no column" },
  });
  expect([status, variables["intermission_page"]]).toEqual([503, state.html]);
  expect(headersOut).toMatchObject({
    ...{ "Set-Cookie": cookies, "X-Tenant": "seven", "X-Request-Id": "abc" },
    ...{ Vary: "X-Shop, Accept", "Content-Type": "text/html", "X-Maintenance": "1" },
  });
  for (const name of ["ETag", "X-Accel-Expires", "X-Error"]) expect(headersOut).not.toHaveProperty(name);
});

test.each([
  [
    "img-src 'self'; Frame-Ancestors https://a.example https://b.example",
    "https://a.example https://b.example",
  ],
  ["frame-ancestors 'none', default-src 'self'", "'none'"],
  ["default-src 'self'", "'self'"],
])("who may frame the app may frame the page: %s", (policy, ancestors) => {
  const { headersOut } = fail({ "Content-Security-Policy": policy });
  expect(headersOut["Content-Security-Policy"]).toMatch(
    new RegExp(`^default-src 'none'; frame-ancestors ${ancestors}; base-uri 'none'$`, "i"),
  );
});

test("an error of the current release stays as it is", () => {
  expect(fail({ ETag: '"1"' }, "v1.1")).toMatchObject({ status: 500, headersOut: { ETag: '"1"' } });
});
