import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toIsoTime, toLocalTime, toSpan } from "./time.ts";

describe("toLocalTime", () => {
  test("names the same second as it was given", () => {
    const years = fc.date({ min: new Date("1970-01-02"), max: new Date("2200-01-01"), noInvalidDate: true });
    fc.assert(
      fc.property(years, (date) => {
        const text = toLocalTime(date.getTime());
        expect(text).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d\d:\d\d$/);
        expect(Date.parse(text.replace(" ", "T").replace(" ", ""))).toBe(
          Math.floor(date.getTime() / 1000) * 1000,
        );
      }),
    );
  });
});

describe("a time that no calendar has", () => {
  test.each([1e20, -1e20, Number.NaN])("%d is said to be unknown", (milliseconds) => {
    expect(toIsoTime(milliseconds)).toBeNull();
    expect(toLocalTime(milliseconds)).toBe("at an unknown time");
  });
});

test.each([
  [-5, "0 s"],
  [12_400, "12 s"],
  [119_000, "119 s"],
  [300_000, "5 min"],
  [7_200_000, "2 h"],
  [200_000_000, "2 d"],
])("a span of %d milliseconds is %s", (milliseconds, span) => {
  expect(toSpan(milliseconds)).toBe(span);
});
