import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bypassTokens, hasBypass, hostCookieName } from "./bypass.ts";
import { isRelease } from "./release.ts";

describe("the tokens", () => {
  test.each([
    ["intermission-bypass-shop=1.a-_", ["1.a-_"]],
    ["a=b; intermission-bypass-shop=1.a; c=d", ["1.a"]],
    ["a=b;__Host-intermission-bypass-shop=1.a", ["1.a"]],
    ["intermission-bypass-shop=2.b; __Host-intermission-bypass-shop=1.a", ["1.a", "2.b"]],
    ["intermission-bypass-shop=junk; intermission-bypass-shop=1.a", ["junk", "1.a"]],
    // Of version 0.1.
    ["intermission-bypass=1.a", ["1.a"]],
    ["intermission-bypass-api=1.a", []],
    ["x-intermission-bypass-shop=1.a", []],
    ["intermission-bypass-shop=", []],
    ['intermission-bypass-shop="1.a"', []],
    [`intermission-bypass-shop=${"a".repeat(97)}`, []],
    [`${"a=b; ".repeat(4000)}intermission-bypass-shop=1.a`, []],
    ["", []],
    [undefined, []],
  ])("of %j are %j", (header, tokens) => {
    expect(hasBypass(header) ? bypassTokens(header, "shop") : []).toEqual(tokens);
  });

  test("are at most 32, and those that only the host itself can set are among them", () => {
    const junk = Array.from({ length: 100 }, (_, index) => `intermission-bypass-shop=${String(index)}`);
    const tokens = bypassTokens([...junk, "__Host-intermission-bypass-shop=9.x"].join("; "), "shop");
    expect(tokens).toHaveLength(32);
    expect(tokens[0]).toBe("9.x");
  });

  test("have a name that a cookie may have, whatever the app is called, and no two apps the same", () => {
    const app = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }).filter(isRelease);
    fc.assert(
      fc.property(app, app, (one, other) => {
        expect(hostCookieName(one)).toMatch(/^__Host-[!#$%&'*+.^_`|~0-9A-Za-z-]+$/);
        expect(bypassTokens(`${hostCookieName(one)}=1.a`, one)).toEqual(["1.a"]);
        fc.pre(one !== other);
        expect(bypassTokens(`${hostCookieName(one)}=1.a`, other)).toEqual([]);
      }),
    );
  });

  test("finds its own among any others, and never throws", () => {
    const other = fc.tuple(fc.stringMatching(/^[a-z]{1,8}$/), fc.stringMatching(/^[\w.=-]{0,30}$/));
    fc.assert(
      fc.property(fc.array(other, { maxLength: 20 }), fc.nat(20), (others, place) => {
        const cookies = others.map(([key, value]) => `${key}=${value}`);
        cookies.splice(place, 0, "intermission-bypass-shop=9.x");
        expect(bypassTokens(cookies.join("; "), "shop")).toEqual(["9.x"]);
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (any) => {
        if (hasBypass(any)) bypassTokens(any, "shop");
      }),
    );
  });
});
