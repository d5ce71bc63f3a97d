import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toIsoTime, toLocalTime } from "./time.ts";

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
