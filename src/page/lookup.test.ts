import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { languages } from "../core/settings/page-options.ts";
import { parseAcceptLanguage } from "./accept.ts";
import { createLookup } from "./lookup.ts";

const lookUp = createLookup(languages);
const find = (header: string): string | undefined => lookUp(parseAcceptLanguage(header));

describe("the language for a visitor", () => {
  test.each([
    ["de-AT", "de"],
    ["en-XX", "en"],
    ["en-GB-oxendict", "en"],
    ["de-DE-u-co-phonebk", "de"],
    ["DE-de", "de"],
    ["es-419", "es"],
    ["zh", "zh-Hans"],
    ["zh-CN", "zh-Hans"],
    ["zh-SG", "zh-Hans"],
    ["zh-TW", "zh-Hant"],
    ["zh-HK", "zh-Hant"],
    ["zh-Hant-MO", "zh-Hant"],
    ["zh-Hans-HK", "zh-Hans"],
    ["cmn", "zh-Hans"],
    ["cmn-Hant", "zh-Hant"],
    ["zh-cmn-Hans", "zh-Hans"],
    ["sr", "sr-Cyrl"],
    ["sr-RS", "sr-Cyrl"],
    ["sr-ME", "sr-Latn"],
    ["sr-Latn-RS", "sr-Latn"],
    ["sh", "sr-Latn"],
    ["no", "nb"],
    ["no-NO", "nb"],
    ["nb-NO", "nb"],
    ["nn-NO", "nn"],
    ["pt", "pt-BR"],
    ["pt-BR", "pt-BR"],
    ["pt-US", "pt-BR"],
    ["pt-PT", "pt-PT"],
    ["pt-AO", "pt-PT"],
    ["iw", "he"],
    ["in-ID", "id"],
    ["mo", "ro"],
    ["prs", "fa"],
    ["bs-BA", "hr"],
    ["en_US", "en"],
    ["tlh", undefined],
    ["*", undefined],
    ["x-private", undefined],
    ["", undefined],
  ])("who asks for %j is %s", (header, language) => {
    expect(find(header)).toBe(language);
  });

  test.each([
    ["fr;q=0.5, de;q=0.8, en;q=0.2", "de"],
    ["fr, de", "fr"],
    ["tlh, ja;q=0.1", "ja"],
    ["*, fr;q=0.5", "fr"],
    ["de;q=0, fr;q=0.1", "fr"],
    ["de;q=0", undefined],
    ["de-CH, en;q=0.9, de;q=0.8", "de"],
    ["pt-AO, en;q=0.9", "pt-PT"],
  ])("who weighs %j is %s", (header, language) => {
    expect(find(header)).toBe(language);
  });

  test("is each language, by its own tag", () => {
    expect(languages.map(find)).toEqual(languages);
  });

  test("does not depend on the order in which the languages stand", () => {
    const reversed = createLookup([...languages].reverse());
    for (const header of ["zh", "sr", "pt", "no", "en-XX", "zh-TW", "sr-ME"])
      expect(reversed(parseAcceptLanguage(header))).toBe(find(header));
  });
});

const subtag = fc.constantFrom(
  ...["zh", "sr", "pt", "no", "und", "Latn", "Cyrl", "Hant", "TW", "BR", "419", "1996", "u", "x", "t", "a"],
);
const range = fc.oneof(
  fc.array(subtag, { minLength: 1, maxLength: 5 }).map((subtags) => subtags.join("-")),
  fc.constantFrom(...languages),
  fc.string(),
);
const quality = fc.constantFrom("", ";q=0", ";q=0.001", ";q=0.5", ";q=1", ";q=x");
const header = fc.oneof(
  fc.array(fc.tuple(range, quality).map((parts) => parts.join(""))).map((ranges) => ranges.join(",")),
  fc.string({ unit: "binary" }),
);

describe("whatever a visitor sends", () => {
  test("a language is found that there is, or none", () => {
    fc.assert(
      fc.property(header, (text) => {
        expect([undefined, ...languages]).toContain(find(text));
      }),
      { numRuns: 1000 },
    );
  });

  test("what is refused or comes last changes nothing of a choice that was made", () => {
    fc.assert(
      fc.property(header, fc.constantFrom(...languages), (text, language) => {
        const ranges = parseAcceptLanguage(text);
        const chosen = lookUp(ranges);
        fc.pre(chosen !== undefined);
        expect(lookUp([{ range: language, quality: 0 }, ...ranges])).toBe(chosen);
        expect(lookUp([{ range: language, quality: 0.0001 }, ...ranges])).toBe(chosen);
      }),
    );
  });

  test("what is wanted most is what is given, wherever it stands", () => {
    const others = fc.array(fc.record({ range, quality: fc.double({ min: 0, max: 0.9, noNaN: true }) }));
    fc.assert(
      fc.property(others, others, fc.constantFrom(...languages), (before, after, language) => {
        expect(lookUp([...before, { range: language, quality: 1 }, ...after])).toBe(language);
      }),
    );
  });

  test("a country alone never leads to another script", () => {
    const scriptOf = (tag: string): string | undefined => new Intl.Locale(tag).maximize().script;
    const country = fc.stringMatching(/^[A-Z]{2}$/);
    fc.assert(
      fc.property(fc.constantFrom("zh", "sr"), country, (language, region) => {
        const found = find(`${language}-${region}`);
        expect(scriptOf(found ?? "")).toBe(scriptOf(`${language}-${region}`));
      }),
    );
  });
});
