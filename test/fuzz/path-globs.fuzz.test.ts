import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decide } from "../../src/core/decide.ts";
import { emptyState } from "../../src/core/state/state.ts";
import { parsePathGlob, type PathPattern } from "../../src/core/path-glob.ts";
import { pathOf } from "../../src/http/headers.ts";
import { expectLinear, fuzz, refusalOf, text } from "./cases.ts";

const sign = fc.constantFrom(
  "*",
  "**",
  "/**",
  "?",
  "/",
  "a",
  "b",
  ".",
  "[",
  "(",
  "|",
  "^",
  "$",
  "\\",
  "{1,9}",
  "+",
);
const glob = fc.oneof(
  fc.array(sign, { maxLength: 40 }).map((signs) => `/${signs.join("")}`),
  text,
  text.map((rest) => `/${rest}`),
);
const path = fc.oneof(
  fc
    .array(fc.constantFrom("a", "b", "/", "ab", "/a/b", "."), { maxLength: 100 })
    .map((parts) => `/${parts.join("")}`),
  text,
);

describe("path globs", () => {
  test("are refused with a safe message, or match each path or don't, in bounded time", () => {
    let matched = 0;
    let parsed = 0;
    fuzz(fc.tuple(glob, path), ([globText, target]) => {
      let pattern: PathPattern | undefined;
      refusalOf(() => (pattern = parsePathGlob(globText)));
      if (pattern === undefined) return;
      parsed++;
      if (pattern.test(target)) matched++;
    });
    expect(parsed).toBeGreaterThan(0);
    expect(matched).toBeGreaterThan(0);
  });

  test.each([
    ["/api/**/users/**/users/**/end", "/users"],
    ["/**a**a**a**a**a**a**a**a**b", "a"],
    ["/*a*a*a*a*a*a*a*a*b", "a"],
    ["/**/**/**/**/**/b", "/"],
    [`/${"*a?".repeat(80)}b`, "a"],
    [`/${"**/*".repeat(60)}b`, "/a"],
  ])("%s takes no more time than the path is long", (globText, unit) => {
    const pattern = parsePathGlob(globText);
    expectLinear((length) => pattern.test(`/${unit.repeat(length / unit.length)}`), 16 * 1024);
  });
});

describe("request targets", () => {
  test("have a path without a query and a verdict, and what is no path is exempt by none", () => {
    const settings = { manual: false, exempt: ["/a/**", "/*/b", "/**/c"].map(parsePathGlob) };
    fuzz(
      fc.oneof(
        text,
        path,
        text.map((rest) => `http://${rest}`),
      ),
      (target) => {
        const found = pathOf(target);
        const isExempt = parsePathGlob("/**").test(found);
        if (found.includes("?") || (isExempt && !found.startsWith("/")))
          throw new Error(`path: ${JSON.stringify(found)}`);
        const facts = { status: 500, path: found, contentType: target };
        expect(["regular", "maintenance"]).toContain(decide(settings, "v1", emptyState, facts, 1).verdict);
      },
    );
  });

  test.each(["a", "/", ":", "?", "http:", "://", "\r\n"])(
    "of 1 MiB of %j cost no more than their length",
    (unit) => {
      for (const start of ["", "/", "http://"])
        expectLinear((length) => pathOf(start + unit.repeat(length / unit.length)), 1024 * 1024);
    },
  );
});
