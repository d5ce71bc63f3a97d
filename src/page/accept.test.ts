import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseAccept, parseAcceptLanguage } from "./accept.ts";

describe("parseAccept", () => {
  test.each([
    ["text/html", [{ mediaType: "text/html", quality: 1 }]],
    [
      "Text/HTML; Charset=utf-8 ; Q=0.5, */*;q=.2",
      [
        { mediaType: "text/html", quality: 0.5 },
        { mediaType: "*/*", quality: 0.2 },
      ],
    ],
    ["application/signed-exchange;v=b3;q=0.7", [{ mediaType: "application/signed-exchange", quality: 0.7 }]],
    ["text/html;q=0", [{ mediaType: "text/html", quality: 0 }]],
    ["text/html;q=2, text/plain;q=-1, text/css;q=, text/xml;q=high", []],
    ["", []],
    [" , ,;, /, text/, /html, text, text/a/b, te xt/html, *", []],
    ['text/html;title="a,b";q=0.3', [{ mediaType: "text/html", quality: 1 }]],
  ])("%j", (header, ranges) => {
    expect(parseAccept(header)).toEqual(ranges);
  });

  test("looks at no more than 32 ranges", () => {
    expect(parseAccept(Array.from({ length: 100 }, () => "a/b").join())).toHaveLength(32);
  });

  test("leaves out a range that its limit of 1024 characters cuts in two", () => {
    const header = `text/plain;x=${"y".repeat(990)}, application/json+nothing-of-the-kind`;
    expect(header.indexOf("application/json")).toBeLessThan(1024);
    expect(header.length).toBeGreaterThan(1024);
    expect(parseAccept(header)).toEqual([{ mediaType: "text/plain", quality: 1 }]);
  });

  test("never throws, and gives qualities from 0 to 1", () => {
    const piece = fc.constantFrom(
      "text/html",
      "*/*",
      ",",
      ";",
      "q=",
      "0.5",
      "=",
      '"',
      "\\",
      " ",
      "/",
      "é",
      "\0",
    );
    const header = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(piece).map((pieces) => pieces.join("")),
    );
    fc.assert(
      fc.property(header, (text) => {
        for (const { quality } of parseAccept(text)) {
          expect(quality).toBeGreaterThanOrEqual(0);
          expect(quality).toBeLessThanOrEqual(1);
        }
      }),
    );
  });
});

describe("parseAcceptLanguage", () => {
  test.each([
    ["de", [{ range: "de", quality: 1 }]],
    [
      "de-CH,de;q=0.9, EN ; q=.5,*;q=0",
      [
        { range: "de-CH", quality: 1 },
        { range: "de", quality: 0.9 },
        { range: "EN", quality: 0.5 },
        { range: "*", quality: 0 },
      ],
    ],
    ["zh_TW", [{ range: "zh-TW", quality: 1 }]],
    ["de;q=2, fr;q=, it;q=-1, -, d e, de-, de--CH, thelongest, *-CH, ü, , ;q=1", []],
    ["", []],
  ])("%j", (header, ranges) => {
    expect(parseAcceptLanguage(header)).toEqual(ranges);
  });

  test("looks at no more than 32 ranges, and at none that its limit cuts in two", () => {
    expect(parseAcceptLanguage(Array.from({ length: 100 }, () => "de").join())).toHaveLength(32);
    const header = `de;x=${"y".repeat(1014)}, zh-Hant`;
    expect(header.length).toBeGreaterThan(1024);
    expect(parseAcceptLanguage(header)).toEqual([{ range: "de", quality: 1 }]);
  });
});
