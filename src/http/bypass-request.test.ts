import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bypassCookie, bypassLink } from "./bypass-request.ts";

describe("bypassCookie", () => {
  test.each([
    ["intermission-bypass=1.a-_", "1.a-_"],
    ["a=b; intermission-bypass=1.a; c=d", "1.a"],
    ["a=b;intermission-bypass=1.a", "1.a"],
    ["x-intermission-bypass=1.a", undefined],
    ["intermission-bypass=", undefined],
    [`intermission-bypass=${"a".repeat(97)}`, undefined],
    [`${"a=b; ".repeat(2000)}intermission-bypass=1.a`, undefined],
    ["", undefined],
    [undefined, undefined],
  ])("of %j is %j", (header, token) => {
    expect(bypassCookie(header)).toBe(token);
  });

  test("finds its own among any others, and never throws", () => {
    const other = fc.tuple(fc.stringMatching(/^[a-z]{1,8}$/), fc.stringMatching(/^[\w.=-]{0,30}$/));
    fc.assert(
      fc.property(fc.array(other, { maxLength: 20 }), fc.nat(20), (others, place) => {
        const cookies = others.map(([key, value]) => `${key}=${value}`);
        cookies.splice(place, 0, "intermission-bypass=9.x");
        expect(bypassCookie(cookies.join("; "))).toBe("9.x");
      }),
    );
    fc.assert(fc.property(fc.string({ unit: "binary" }), (any) => void bypassCookie(any)));
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
