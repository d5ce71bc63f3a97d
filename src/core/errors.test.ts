import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { IntermissionError, isIntermissionError, reasonOf, show } from "./errors.ts";

test("an error says what was expected, what was got and what to do, in one line", () => {
  const error = new IntermissionError("bad-option", {
    problem: "The port can't be used",
    expected: "1 to 65535",
    got: show("http"),
    remedy: "Name a number.",
  });
  expect(error.message).toBe(`The port can't be used (expected 1 to 65535, got "http"). Name a number.`);
  expect(isIntermissionError(error)).toBe(true);
});

test("an error of another package is none of ours", () => {
  expect(isIntermissionError(Object.assign(new Error("x"), { code: "bad-option" }))).toBe(false);
  expect(isIntermissionError("bad-option")).toBe(false);
});

describe("show", () => {
  test("cuts no character in two", () => {
    expect(show(`v${"🚧".repeat(60)}`)).toBe(`"v${"🚧".repeat(37)}…`);
  });

  test.each([
    ["text", '"text"'],
    ["a\nb", '"a\\nb"'],
    ["\u009b31m\u202e", '"\\u009b31m\\u202e"'],
    [5, "5"],
    [undefined, "undefined"],
    [[1], "an array"],
    [{}, "an object"],
    [show, "a function"],
  ])("%j as %s", (value, shown) => {
    expect(show(value)).toBe(shown);
  });

  test("never prints what a terminal would obey, and never much", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
        const shown = show(text);
        expect(shown.length).toBeLessThanOrEqual(80);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});

test.each([
  [new Error("first\nsecond"), "first"],
  [new Error("\u001b[31mred\r\u2028"), "\\u001b[31mred\\u000d\\u2028"],
  [Object.create(null), "something that can't be shown"],
  [Object.assign(new Error("x"), { message: 5 }), "5"],
  [{ toString: () => 5 }, "5"],
  [Symbol("x"), "Symbol(x)"],
  [undefined, "undefined"],
  [Object.assign(new AggregateError([], ""), { code: "ECONNREFUSED" }), "ECONNREFUSED"],
  ["thrown text", "thrown text"],
  [new Error("x".repeat(300)), `${"x".repeat(196)}…`],
])("the reason of %s is one short line", (error, reason) => {
  expect(reasonOf(error)).toBe(reason);
});
