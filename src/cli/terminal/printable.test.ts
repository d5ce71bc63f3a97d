import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { printable, printableJson } from "./printable.ts";

// eslint-disable-next-line no-control-regex -- these are what must not come through
const moves = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

describe("printable", () => {
  test("writes control characters out", () => {
    expect(printable("a\u001B[31mb\nc\u009B1md\u202Ee")).toBe(
      String.raw`a\u{1b}[31mb\u{a}c\u{9b}1md\u{202e}e`,
    );
  });

  test("leaves what people write alone", () => {
    const text = "Grüße, 日本語, שלום, 👩‍💻, v1.0";
    expect(printable(text)).toBe(text);
  });

  test("lets nothing through that moves a cursor or breaks a line", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(printable(text)).not.toMatch(moves);
      }),
    );
  });
});

describe("printableJson", () => {
  test("means what it was made of, and has no control characters but its own line feeds", () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: "binary" }), (document) => {
        const text = printableJson(document);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(document)));
        expect(text.replaceAll("\n", "")).not.toMatch(moves);
      }),
    );
  });
});
