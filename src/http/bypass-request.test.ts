import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { admissionHeaders, bypassLink } from "./headers.ts";

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
