import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { MaskedError } from "../core/settings/options.ts";
import { kindOf } from "./kind.ts";
import { routeOf } from "./route.ts";

function masked(parts: Partial<MaskedError>): MaskedError {
  return {
    status: 500,
    method: "GET",
    path: "/",
    instanceRelease: "v1",
    currentRelease: "v2",
    reason: "release-mismatch",
    request: undefined,
    ...parts,
  };
}

describe("the route", () => {
  test.each([
    ["/", "/"],
    ["/orders", "/orders"],
    ["/orders/17", "/orders"],
    ["/api/v2/orders/17", "/api"],
    ["//double//slash", "/double"],
    ["/users/jane/letters", "/users"],
    ["/reset/abcdefghijklmnop", "/reset"],
    ["/jane@example.com", "/:id"],
    ["/J%C3%BCrgen", "/:id"],
    ["/Zk3nB7yQp0aXw9LmT2cVd8Rf", "/:id"],
    ["/ZkQbnByQpaXwLmTcVdRf", "/:id"],
    ["/xkqjzwvbtrpl", "/:id"],
    ["/aBeDiFoHuJaK", "/:id"],
    ["/abcdefghijklmnopqrstu", "/:id"],
    ["/deadbeef0", "/:id"],
    ["/0b6a6c58-8f4e-4d0c-9f0e-0123456789ab", "/:id"],
    ["/order-20261122/print", "/:id"],
    [`/${"a".repeat(41)}`, "/:id"],
    ["/forgot-password", "/forgot-password"],
    ["/getUserByEmail", "/getUserByEmail"],
    ["/index.php", "/index.php"],
    ["/oauth2", "/oauth2"],
    ["/.well-known/x", "/.well-known"],
  ])("of %s without a framework's help is %s", (path, route) => {
    expect(routeOf(path, {})).toBe(route);
  });

  test.each([
    ["/shop/orders/17", { route: { path: "/orders/:number" }, baseUrl: "/shop" }, "/shop/orders/:number"],
    // The error has left its router, so Express has removed the base.
    ["/shop/orders/17", { route: { path: "/orders/:number" }, baseUrl: "" }, "/shop/orders/:number"],
    ["/tenants/42/orders", { route: { path: "/orders" }, baseUrl: "/tenants/42" }, "/tenants/:id/orders"],
    ["/tenants/jane/orders", { route: { path: "/orders" }, baseUrl: "/tenants/jane" }, "/tenants/:id/orders"],
    ["/tenants/jane/orders", { route: { path: "/orders" }, baseUrl: "" }, "/tenants/:id/orders"],
    ["/shop/api/v2/o/1", { route: { path: "/o/:n" }, baseUrl: "/shop/api/v2" }, "/shop/api/v2/o/:n"],
    ["/files/a/b/c", { route: { path: "/files/*path" }, baseUrl: "" }, "/files/*path"],
    ["/a/b", { route: { path: ["/a/b", "/c"] }, baseUrl: "" }, "/a"],
    ["/a/b/c", { route: { path: /^\/a/ }, baseUrl: "" }, "/a"],
    ["/a/b", { route: undefined }, "/a"],
    ["/a/b", { _matchedRoute: /^\/a/ }, "/a"],
    ["/a/b", { routerPath: "/a/:b" }, "/a/:b"],
    ["/a/b", { req: { matchedRoutes: [] } }, "/a"],
    ["/a/b", { req: { matchedRoutes: [{ path: "/*" }] } }, "/a"],
  ])("of %s with the framework's request %j is %s", (path, request, route) => {
    expect(routeOf(path, request)).toBe(route);
  });

  test("is left out if routes are turned off", () => {
    expect(kindOf(masked({ path: "/orders/17" }), false).route).toBeNull();
  });

  test("is short, whatever the path and the request are, and has no query, number or address in it", () => {
    fc.assert(
      fc.property(fc.webPath(), fc.anything(), (path, request) => {
        const route = kindOf(masked({ path, request })).route ?? "";
        expect(route.length).toBeLessThanOrEqual(100);
        expect(route).not.toMatch(/[?@%]|\d{4}/);
      }),
    );
  });
});

describe("the error", () => {
  test("is its name and code", () => {
    const error = Object.assign(new TypeError("column customers.vip of jane@example.com"), { code: "42703" });
    const kind = kindOf(masked({ error }));
    expect(kind).toEqual({ release: "v2", status: 500, route: "/", error: "TypeError", code: "42703" });
    expect(JSON.stringify(kind)).not.toContain("jane");
  });

  test.each([
    [{ code: "ER_BAD_FIELD_ERROR", sqlState: "42S22" }, "ER_BAD_FIELD_ERROR"],
    [{ sqlState: "42S22" }, "42S22"],
    [{ code: 1 }, "1"],
    [{ cause: { code: "42P01" } }, "42P01"],
    [{ parent: { original: { code: "42P01" } } }, "42P01"],
    [{ driverError: { code: "SQLITE_ERROR" } }, "SQLITE_ERROR"],
    [{ code: "two words" }, null],
    [{ code: "x".repeat(33) }, null],
    [{ code: "user@example.com" }, null],
    [{}, null],
  ])("%j has the code %j", (parts, code) => {
    expect(kindOf(masked({ error: Object.assign(new Error("no"), parts) })).code).toBe(code);
  });

  test("may go round in circles, throw at every touch, or be anything", () => {
    const circle: { cause?: unknown } = {};
    circle.cause = circle;
    expect(kindOf(masked({ error: circle })).code).toBeNull();
    const thrower = new Proxy(
      {},
      {
        get: () => {
          throw new Error("touched");
        },
      },
    );
    expect(kindOf(masked({ error: thrower, request: thrower }))).toEqual({
      ...{ release: "v2", status: 500, route: null, error: null, code: null },
    });
    fc.assert(
      fc.property(fc.anything(), (error) => {
        const kind = kindOf(masked({ error }));
        for (const text of [kind.error, kind.code])
          if (text !== null) expect(text).toMatch(/^[A-Za-z0-9_.-]{1,64}$/);
      }),
    );
  });
});
