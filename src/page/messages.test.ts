import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { en } from "./languages/en.ts";
import { toParagraphs } from "./messages.ts";

describe("toParagraphs", () => {
  test.each([
    [1, "in 1 second"],
    [59, "in 59 seconds"],
    [60, "in 1 minute"],
    [61, "in 2 minutes"],
    [90 * 60, "in 90 minutes"],
    [2 * 3600, "in 2 hours"],
    [2 * 3600 + 1, "in 3 hours"],
    [86_400, "in 24 hours"],
    [2 * 86_400, "in 2 days"],
    [2 * 86_400 + 1, "in 3 days"],
  ])("after %i s asks to come back %s", (retryAfter, when) => {
    expect(toParagraphs(en, retryAfter, true).at(-1)).toBe(`Please try again ${when}.`);
  });

  test("never asks to come back before the time", () => {
    const seconds: Record<string, number> = { second: 1, minute: 60, hour: 3600, day: 86_400 };
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 * 86_400 }), (retryAfter) => {
        const match = /in (\d+) (second|minute|hour|day)/.exec(
          toParagraphs(en, retryAfter, true).at(-1) ?? "",
        );
        expect(Number(match?.[1]) * (seconds[match?.[2] ?? ""] ?? 0)).toBeGreaterThanOrEqual(retryAfter);
      }),
    );
  });

  test("tells who sent something that it may be lost, and nobody else", () => {
    expect(toParagraphs(en, 60, false)).toContain(en.unsaved);
    expect(toParagraphs(en, 60, true)).not.toContain(en.unsaved);
  });
});
