import { describe, expect, test } from "vitest";
import { fromWhen, toWait } from "./wait.ts";

describe("toWait", () => {
  test.each([
    [undefined, false, true],
    [undefined, true, false],
    ["2s", false, 2000],
    ["500ms", false, 500],
    ["0s", false, 0],
    ["1h", false, 3_600_000],
  ])("--wait %s with --no-wait %s is %s", (wait, noWait, expected) => {
    expect(toWait({ wait, "no-wait": noWait })).toBe(expected);
  });

  test.each(["", "2", "soon", "-1s", "2h", "1e3s"])("--wait %j is wrong usage", (wait) => {
    expect(() => toWait({ wait, "no-wait": false })).toThrow("needs a duration");
  });

  test("waiting and not waiting can't be asked for together", () => {
    expect(() => toWait({ wait: "1s", "no-wait": true })).toThrow("can't be used together");
  });
});

describe("fromWhen", () => {
  test.each([
    [true, "From now on"],
    [2000, "From now on"],
    [500, "Within a second"],
    [false, "Within a second"],
  ])("having waited %s, it holds %j", (wait, expected) => {
    expect(fromWhen(wait)).toBe(expected);
  });
});
