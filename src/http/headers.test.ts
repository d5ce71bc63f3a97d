import fc from "fast-check";
import { expect, test } from "vitest";
import { addVary, isKept, pathOf, receivedPath, withFrameAncestors } from "./headers.ts";

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
