import { describe, expect, test } from "vitest";
import { toText } from "../../markup.ts";
import { defaultTheme } from "./index.ts";

const style = toText(defaultTheme.style);
const [light = "", dark = ""] = style.split("@media (prefers-color-scheme: dark)");

/** The colours that a scheme names, by name. */
function coloursOf(rules: string): Record<string, string> {
  const block = rules.slice(0, rules.indexOf("}"));
  const named = [...block.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)];
  return Object.fromEntries(named.map(([, name = "", hex = ""]) => [name, hex] as const));
}

/** Relative luminance, WCAG 2.2. */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((start) => Number.parseInt(hex.slice(start, start + 2), 16) / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string | undefined, other: string | undefined): number {
  const [darker = 0, lighter = 0] = [luminance(one ?? ""), luminance(other ?? "")].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

describe.each([
  ["light", coloursOf(light)],
  ["dark", coloursOf(dark)],
])("in the %s scheme", (_scheme, colours) => {
  test.each([
    ["ink", "paper", 7],
    ["quiet", "paper", 7],
    ["on-accent", "accent", 7],
    ["accent", "paper", 3],
  ])("%s on %s has enough contrast", (front, back, least) => {
    expect(contrast(colours[front], colours[back])).toBeGreaterThanOrEqual(least);
  });
});

test("nothing moves for who wants no motion", () => {
  expect(style).toMatch(/prefers-reduced-motion: reduce\) \{\s+\.glow \{ animation: none; \}/);
  expect(style.match(/animation:/g)).toHaveLength(2);
});

test("nothing moves for longer than five seconds, and all comes to rest as it is drawn", () => {
  const [, seconds, times] = /animation: breathe ([\d.]+)s ease-in-out (\d+) alternate;/.exec(style) ?? [];
  expect(Number(seconds) * Number(times)).toBeLessThan(5);
  expect(Number(times) % 2).toBe(1);
});

test("the style loads nothing", () => {
  expect(style).not.toMatch(/url\(|@import|@font-face/);
});
