import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseAccept } from "./accept.ts";

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
