import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { toSourceHash } from "./source-hash.ts";

const expected = (text: string): string => `sha256-${createHash("sha256").update(text).digest("base64")}`;

test("is the digest that Node has, for any text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 400 }), (text) => {
      expect(toSourceHash(text)).toBe(expected(text));
    }),
  );
});

test("is the digest that Node has, at each length around the ends of blocks", () => {
  for (let length = 0; length <= 200; length++) {
    expect(toSourceHash("x".repeat(length))).toBe(expected("x".repeat(length)));
  }
});
