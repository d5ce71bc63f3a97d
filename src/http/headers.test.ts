import fc from "fast-check";
import { expect, test, describe } from "vitest";
import {
  addVary,
  isKept,
  pathOf,
  receivedPath,
  withFrameAncestors,
  admissionHeaders,
  bypassLink,
  isLoopbackHost,
} from "./headers.ts";

test.each([
  [undefined, "Accept", "Accept"],
  ["", "Accept", "Accept"],
  ["Origin", "Accept, Accept-Language", "Origin, Accept, Accept-Language"],
  ["accept , Origin", "Accept, Accept-Language", "accept , Origin, Accept-Language"],
  ["*", "Accept", "*"],
])("Vary %j and %j make %j", (existing, added, result) => {
  expect(addVary(existing, added)).toBe(result);
});

test.each([
  [undefined, "/"],
  ["", ""],
  ["/", "/"],
  ["/a/b?c=/d", "/a/b"],
  ["?x", ""],
  ["*", "*"],
  ["hooks/x?y", "hooks/x"],
  ["x://y/hooks", "x://y/hooks"],
  ["http://a#/hooks", "http://a#/hooks"],
  ["http://a\\b/hooks", "http://a\\b/hooks"],
  ["http://site.example/a/b?c", "/a/b"],
  ["http://site.example", "/"],
  ["//double", "//double"],
])("the path of %j is %j", (target, path) => {
  expect(pathOf(target)).toBe(path);
});

test("whatever the target, its path has no query, and one that begins with a slash is what the target says", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.webUrl()), (target) => {
      const path = pathOf(target);
      expect(path).not.toContain("?");
      expect(target.split("?")[0]).toContain(path === "/" ? "" : path);
    }),
  );
});

test.each([
  ["/a/b?c=/d", "/a/b"],
  ["http://site.example/a/b?c", "http://site.example/a/b?c"],
  ["*", "*"],
  [undefined, ""],
])("the path of %j as it was received is %j", (target, path) => {
  expect(receivedPath(target)).toBe(path);
});

test("the page keeps cookies, CORS, policies of the origin, ids and rate limits, and nothing that it does not know", () => {
  const kept = [
    ...[
      "set-cookie",
      "access-control-allow-origin",
      "access-control-expose-headers",
      "vary",
      "x-frame-options",
    ],
    ...["strict-transport-security", "permissions-policy", "x-request-id", "traceparent", "x-correlation-id"],
    ...["ratelimit-remaining", "x-ratelimit-limit", "ratelimit", "connection", "date", "x-tenant"],
  ];
  const gone = [
    ...[
      "content-digest",
      "repr-digest",
      "content-md5",
      "content-location",
      "x-accel-expires",
      "edge-control",
    ],
    ...[
      "x-accel-redirect",
      "x-sendfile",
      "server-timing",
      "x-error",
      "x-release",
      "location",
      "refresh",
      "link",
    ],
    ...[
      "surrogate-control",
      "surrogate-key",
      "cache-tag",
      "x-varnish-ttl",
      "age",
      "pragma",
      "warning",
      "etag",
    ],
    ...["next-years-cdn-cache-control", "x-access-control-allow-origin", "content-type", "transfer-encoding"],
  ];
  const others = new Set(["x-tenant"]);
  expect(kept.filter((name) => !isKept(name, others))).toEqual([]);
  expect(gone.filter((name) => isKept(name, others))).toEqual([]);
});

const own = "default-src 'none'; base-uri 'none'; frame-ancestors 'self'";

test.each([
  [undefined, own],
  ["default-src 'self'", own],
  [
    "default-src *; frame-ancestors https://partner.example",
    "default-src 'none'; base-uri 'none'; frame-ancestors https://partner.example",
  ],
  [
    "Frame-Ancestors\t'self'  https://a.example ;script-src *",
    "default-src 'none'; base-uri 'none'; frame-ancestors 'self' https://a.example",
  ],
  ["frame-ancestors", "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"],
  [
    "frame-ancestors a.example; frame-ancestors *",
    "default-src 'none'; base-uri 'none'; frame-ancestors a.example",
  ],
  [
    "frame-ancestors a.example b.example, frame-ancestors b.example",
    "default-src 'none'; base-uri 'none'; frame-ancestors a.example b.example, frame-ancestors b.example",
  ],
  ["script-src 'frame-ancestors'", own],
  ["frame-ancestors é", own],
  [`frame-ancestors ${"a.example ".repeat(500)}`, own],
])("with an app's policy of %j the page's is %j", (failed, policy) => {
  expect(withFrameAncestors(own, failed)).toBe(policy);
});

describe("the cookie", () => {
  test.each([
    ["shop.example", "__Host-intermission-bypass-shop"],
    [undefined, "__Host-intermission-bypass-shop"],
    ["localhost:3000", "intermission-bypass-shop"],
    ["127.0.0.1", "intermission-bypass-shop"],
  ])("on the host %s the cookie is %s", (host, name) => {
    expect(admissionHeaders({ token: "1.a", location: "/" }, "shop", host)["set-cookie"]).toBe(
      `${name}=1.a; HttpOnly; Secure; SameSite=Lax; Path=/; Max-Age=43200`,
    );
  });
});

describe("bypassLink", () => {
  test.each([
    ["/?intermission-bypass=T", "/"],
    ["/books/7?a=1&intermission-bypass=T&b=2", "/books/7?a=1&b=2"],
    ["/?intermission-bypass=T&intermission-bypass=U", "/"],
    ["http://shop.example/a?intermission-bypass=T#top", "/a"],
    ["//evil.example/?intermission-bypass=T", "/evil.example/"],
    ["/\\evil.example/?intermission-bypass=T", "/evil.example/"],
    ["/\t/evil.example/?intermission-bypass=T", "/%09/evil.example/"],
    ["/caf\u00e9?intermission-bypass=T", "/caf%E9"],
  ])("in %s leads to %s", (target, location) => {
    expect(bypassLink("GET", target)).toEqual({ token: "T", location });
  });

  test.each([
    ["POST", "/?intermission-bypass=T"],
    ["HEAD", "/?intermission-bypass=T"],
    ["GET", "/intermission-bypass=T"],
    ["GET", "/?x-intermission-bypass=T"],
    ["GET", "/"],
    ["GET", `/?${"a".repeat(8192)}&intermission-bypass=T`],
    ["GET", undefined],
  ])("is not in %s %s", (method, target) => {
    expect(bypassLink(method, target)).toBeUndefined();
  });

  test("never leads to another host, whatever the target", () => {
    const target = fc.string({
      unit: fc.constantFrom("/", "\\", ".", ":", "?", "&", "#", "\t", "a", "@", "ü"),
    });
    fc.assert(
      fc.property(target, target, (before, after) => {
        const link = bypassLink("GET", `${before}?intermission-bypass=T${after}`);
        if (link === undefined) return;
        const base = "https://shop.example";
        expect(new URL(link.location, base).origin).toBe(base);
        expect(link.location).toMatch(/^\/[!-~]*$/);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("a host", () => {
  test.each(["127.0.0.1", "127.0.0.1:4500", "localhost:4500", "LOCALHOST", "[::1]:4500"])(
    "%s is this machine",
    (host) => {
      expect(isLoopbackHost(host)).toBe(true);
    },
  );

  test.each([
    undefined,
    "",
    "evil.example",
    "127.0.0.1.evil.example",
    "localhost.evil.example:4500",
    "evil.example:127.0.0.1",
    "127.0.0.1:4500@evil.example",
    "0.0.0.0:4500",
  ])("%s is none of ours", (host) => {
    expect(isLoopbackHost(host)).toBe(false);
  });
});
