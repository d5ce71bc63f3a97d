import { describe, expect, test } from "vitest";
import { toBrandParts, languages, toLanguage } from "./page-options.ts";
import { resolveSettings } from "./resolve.ts";

const badOption = (message: RegExp): unknown =>
  expect.objectContaining({ code: "bad-option", message: expect.stringMatching(message) });

describe("theme", () => {
  test("is the default one unless another is named", () => {
    expect(resolveSettings({}, {}).theme).toBe("default");
    expect(resolveSettings({}, { MAINTENANCE_THEME: " terminal " }).theme).toBe("terminal");
    expect(resolveSettings({ theme: "minimal" }, { MAINTENANCE_THEME: "terminal" }).theme).toBe("minimal");
  });

  test("that does not exist is an error that names the others", () => {
    expect(() => resolveSettings({}, { MAINTENANCE_THEME: "dark" })).toThrow(
      badOption(/MAINTENANCE_THEME.*one of default, minimal, terminal, illustration/),
    );
  });
});

describe("brand", () => {
  const toBrand = (value: unknown): unknown => toBrandParts({ value, name: "the option brand" });

  test("is a path, or an object with what a file would say", () => {
    expect(resolveSettings({}, { MAINTENANCE_BRAND: "brand.json" }).brand).toBe("brand.json");
    expect(resolveSettings({ brand: { name: " The shop " } }, {}).brand).toEqual({ name: "The shop" });
    expect(resolveSettings({}, {}).brand).toBeUndefined();
  });

  test.each([
    [{ accent: "#B22" }, { accent: "#bb2222" }],
    [{ accent: "#B3202c" }, { accent: "#b3202c" }],
    [{ support: "mailto:help@shop.example" }, { support: "mailto:help@shop.example" }],
    [{ support: "tel:+4930123456" }, { support: "tel:+4930123456" }],
    [
      { title: { de: "Gleich zurück", "PT-br": "Já volto" } },
      { title: { de: "Gleich zurück", "pt-BR": "Já volto" } },
    ],
    [{ logo: "data:image/png;base64,iVBORw0KGgo=" }, { logo: "data:image/png;base64,iVBORw0KGgo=" }],
    [{ name: undefined }, {}],
  ])("takes %j", (given, expected) => {
    expect(toBrand(given)).toEqual(expected);
  });

  test.each([
    [null, /an object with some of name, logo/],
    [[], /an object/],
    [{ colour: "#123456" }, /There is no "colour" in the option brand.*accent/],
    [{ name: "" }, /name in the option brand.*1 to 100 characters/],
    [{ name: "a\nb" }, /on one line/],
    [{ name: "x".repeat(101) }, /1 to 100/],
    [{ accent: "red" }, /a colour such as/],
    [{ accent: "#12345" }, /a colour such as/],
    [{ accent: "#123456;}body{" }, /a colour such as/],
    [{ support: "help@shop.example" }, /whole address with https:/],
    [{ support: "javascript:alert(1)" }, /whole address/],
    [{ statusPage: "mailto:help@shop.example" }, /whole address with https:, http:/],
    [{ statusPage: `https://a.example/${"x".repeat(2000)}` }, /whole address/],
    [{ title: { "not a tag": "x" } }, /BCP 47/],
    [{ title: { en: 1 } }, /"en" of title in the option brand/],
    [{ message: "x".repeat(2001) }, /1 to 2000/],
    [{ logo: "" }, /the path of an image/],
    [{ logo: "data:text/html;base64,AAAA" }, /data: URL of an image/],
    [{ logo: `data:image/png;base64,${"A".repeat(44_000)}` }, /32 KiB/],
  ])("refuses %j", (given, message) => {
    expect(() => toBrand(given)).toThrow(badOption(message));
  });

  test.each([5, true, () => ""])("is not %s", (brand) => {
    expect(() => resolveSettings({ brand: brand as unknown as string }, {})).toThrow(
      badOption(/the option brand/),
    );
  });
});

describe("formats", () => {
  const render = (): string => "";

  test("have types and a function", () => {
    expect(resolveSettings({ formats: [{ mediaTypes: ["Text/CSV"], render }] }, {}).formats).toEqual([
      { mediaTypes: ["text/csv"], contentType: undefined, render },
    ]);
  });

  test.each([
    [{}, /the option formats/],
    [[null], /number 1, .*mediaTypes/],
    [[{ mediaTypes: ["text/csv"] }], /a function render/],
    [[{ mediaTypes: [], render }], /mediaTypes/],
    [[{ mediaTypes: ["text/*"], render }], /mediaTypes/],
    [[{ mediaTypes: ["csv"], render }], /mediaTypes/],
    [[{ mediaTypes: ["text/csv"], contentType: "a\r\nb: c", render }], /contentType/],
    [Array.from({ length: 17 }, () => ({ mediaTypes: ["text/csv"], render })), /at most 16/],
  ])("refuses %j", (formats, message) => {
    expect(() => resolveSettings({ formats: formats as never }, {})).toThrow(badOption(message));
  });
});

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
