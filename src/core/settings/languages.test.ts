import { describe, expect, test } from "vitest";
import { languages, parseLanguage } from "./languages.ts";

test("there are at least forty languages, in the order of their tags", () => {
  expect(languages.length).toBeGreaterThanOrEqual(40);
  expect(new Set(languages).size).toBe(languages.length);
  expect([...languages].sort()).toEqual(languages);
});

describe("parseLanguage", () => {
  const parse = (value: unknown): string => parseLanguage({ value, name: "MAINTENANCE_LANGUAGE" });

  test("takes each language, in any case, and English where none is given", () => {
    expect(languages.map(parse)).toEqual(languages);
    expect(languages.map((tag) => parse(` ${tag.toUpperCase()} `))).toEqual(languages);
    expect(parseLanguage(undefined)).toBe("en");
  });

  test.each([["tlh"], ["de-AT"], [""], ["german"], [5], [null], [["de"]]])(
    "refuses %j and names what there is",
    (value) => {
      expect(() => parse(value)).toThrow(/MAINTENANCE_LANGUAGE.* one of af, ar, .*zh-Hant.*got/s);
    },
  );
});
