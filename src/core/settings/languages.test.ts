import { describe, expect, test } from "vitest";
import { languages, toLanguage } from "./page-options.ts";

test("there are at least forty languages, in the order of their tags", () => {
  expect(languages.length).toBeGreaterThanOrEqual(40);
  expect(new Set(languages).size).toBe(languages.length);
  expect([...languages].sort()).toEqual(languages);
});

describe("toLanguage", () => {
  const parse = (value: unknown): string => toLanguage({ value, name: "MAINTENANCE_LANGUAGE" });

  test("takes each language, in any case", () => {
    expect(languages.map(parse)).toEqual(languages);
    expect(languages.map((tag) => parse(` ${tag.toUpperCase()} `))).toEqual(languages);
  });

  test.each([["tlh"], ["de-AT"], [""], ["german"], [5], [null], [["de"]]])(
    "refuses %j and names what there is",
    (value) => {
      expect(() => parse(value)).toThrow(/MAINTENANCE_LANGUAGE.* one of af, ar, .*zh-Hant.*got/s);
    },
  );
});
