import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  bypassLifetime,
  createBypass,
  createBypassKey,
  bypassTokens,
  hasBypass,
  hostCookieName,
} from "./bypass.ts";
import { isRelease } from "./release.ts";

const shop = createBypass("shop");
const key = createBypassKey();
const now = 1_790_000_000_000;
const until = now + bypassLifetime;
const token = await shop.sign(key, until);

describe("a bypass token", () => {
  test("lets its holder in until it ends", async () => {
    expect(await shop.verify(token, key, now)).toBe(true);
    expect(await shop.verify(token, key, until - 1)).toBe(true);
    expect(await shop.verify(token, key, until)).toBe(false);
  });

  test("is HMAC-SHA-256 with the key's 32 bytes", () => {
    const [seconds = "", signature] = token.split(".");
    const secret = Buffer.from(key, "base64url");
    expect(secret).toHaveLength(32);
    const text = JSON.stringify(["intermission-bypass", "shop", seconds]);
    expect(signature).toBe(createHmac("sha256", secret).update(text).digest("base64url"));
  });

  test("is void with any other key: after off, and after the next on", async () => {
    for (let count = 0; count < 20; count++)
      expect(await shop.verify(token, createBypassKey(), now)).toBe(false);
    // Going back to the old key works too.
    expect(await shop.verify(token, key, now)).toBe(true);
  });

  test("is void for any other app, whatever its name", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), async (app) => {
        fc.pre(app !== "shop");
        expect(await createBypass(app).verify(token, key, now)).toBe(false);
      }),
    );
  });

  test("is refused when anything of it was changed", async () => {
    const characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ ";
    await fc.assert(
      fc.asyncProperty(
        fc.nat(token.length - 1),
        fc.constantFrom(...Array.from(characters)),
        async (place, character) => {
          const forged = token.slice(0, place) + character + token.slice(place + 1);
          expect(await shop.verify(forged, key, now)).toBe(forged === token);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test("is refused when it is cut off or has more to it", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(token.length - 1), fc.string({ minLength: 1 }), async (length, more) => {
        expect(await shop.verify(token.slice(0, length), key, now)).toBe(false);
        expect(await shop.verify(token.slice(length + 1), key, now)).toBe(false);
        expect(await shop.verify(token + more, key, now)).toBe(false);
        expect(await shop.verify(more + token, key, now)).toBe(false);
      }),
    );
  });

  test("with a later end and the old signature is refused", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1e9 }), async (more) => {
        const [seconds = "", signature = ""] = token.split(".");
        expect(await shop.verify(`${String(Number(seconds) + more)}.${signature}`, key, now)).toBe(false);
        expect(await shop.verify(`0${seconds}.${signature}`, key, now)).toBe(false);
      }),
    );
  });

  test("that is none is refused, whatever it is and however long", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary" }), fc.string(), async (garbage, badKey) => {
        expect(await shop.verify(garbage, key, now)).toBe(false);
        expect(await shop.verify(garbage, badKey, now)).toBe(false);
        expect(await shop.verify(token, badKey, now)).toBe(false);
      }),
    );
    for (const garbage of ["9".repeat(2 ** 20), `${token}${"A".repeat(2 ** 20)}`, "\0".repeat(2 ** 20)])
      expect(await shop.verify(garbage, key, now)).toBe(false);
  });
});

describe("the tokens", () => {
  test.each([
    ["intermission-bypass-shop=1.a-_", ["1.a-_"]],
    ["a=b; intermission-bypass-shop=1.a; c=d", ["1.a"]],
    ["a=b;__Host-intermission-bypass-shop=1.a", ["1.a"]],
    ["intermission-bypass-shop=2.b; __Host-intermission-bypass-shop=1.a", ["1.a", "2.b"]],
    ["intermission-bypass-shop=junk; intermission-bypass-shop=1.a", ["junk", "1.a"]],
    // From version 0.1.
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
