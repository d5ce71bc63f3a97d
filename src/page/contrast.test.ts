import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { contrast, leastContrast, toReadable } from "./contrast.ts";

const colour = fc
  .integer({ min: 0, max: 0xffffff })
  .map((number) => `#${number.toString(16).padStart(6, "0")}`);

describe("contrast", () => {
  // Examples from https://webaim.org/articles/contrast/ and WCAG's own definition.
  test.each([
    ["#000000", "#ffffff", 21],
    ["#777777", "#ffffff", 4.48],
    ["#767676", "#ffffff", 4.54],
    ["#ff0000", "#ffffff", 4],
    ["#123456", "#123456", 1],
  ])("of %s on %s is %d", (one, other, ratio) => {
    expect(contrast(one, other)).toBeCloseTo(ratio, 2);
    expect(contrast(other, one)).toBe(contrast(one, other));
  });
});

describe("toReadable", () => {
  test("makes any colour readable on any paper", () => {
    fc.assert(
      fc.property(colour, colour, (accent, paper) => {
        const readable = toReadable(accent, paper);
        expect(readable).toMatch(/^#[0-9a-f]{6}$/);
        expect(contrast(readable, paper)).toBeGreaterThanOrEqual(leastContrast);
      }),
    );
  });

  test("leaves a colour that can be read as it is, its own results too", () => {
    fc.assert(
      fc.property(colour, colour, (accent, paper) => {
        const readable = toReadable(accent, paper);
        if (contrast(accent, paper) >= leastContrast) expect(readable).toBe(accent);
        expect(toReadable(readable, paper)).toBe(readable);
      }),
    );
  });

  test.each([
    ["#ffcc00", "#ffffff"],
    ["#0000ff", "#000000"],
    ["#0a7d5a", "#191315"],
  ])("goes no further with %s on %s than it has to", (accent, paper) => {
    expect(contrast(toReadable(accent, paper), paper)).toBeLessThan(leastContrast + 0.1);
  });
});
