import { describe, expect, test } from "vitest";
import { decodeState, emptyState, encodeState, type State } from "./state.ts";
import { modeAt, switchOff, switchOn, type SwitchOn } from "./manual.ts";

const now = 1_790_000_000_000;
const who = { by: "ada@desk", key: "k" };
const on = (options: Partial<SwitchOn>, state: State = emptyState): State =>
  switchOn(state, { mode: "closed", ...options }, who, now).state;

describe("switchOn", () => {
  test("keeps what was said, who said it and when", () => {
    const state = on({
      message: "  Back soon ",
      backAt: { fromNow: 1000 },
      from: now - 5,
      until: { fromNow: 2000 },
      exemptPaths: [" /health "],
      exemptAddresses: ["10.0.0.0/8"],
    });
    expect(state).toEqual({
      releases: [],
      mode: "closed",
      manual: {
        message: "Back soon",
        backAt: now + 1000,
        from: now - 5,
        until: now + 2000,
        exemptPaths: ["/health"],
        exemptAddresses: ["10.0.0.0/8"],
        at: now,
        ...who,
      },
    });
    expect(decodeState(encodeState(state))).toEqual(state);
  });

  test("takes the place of all that was set before", () => {
    const state = on({ mode: "errors" }, on({ message: "Before", until: { fromNow: 1 } }));
    expect(state).toMatchObject({ mode: "errors", manual: { at: now, ...who } });
    expect(state.manual).not.toHaveProperty("message");
    expect(state.manual).not.toHaveProperty("until");
  });

  test.each<readonly [string, Partial<SwitchOn>]>([
    ["a message of 501 characters", { message: "🚀".repeat(501) }],
    ["a message on two lines", { message: "a\nb" }],
    ["a message with an escape", { message: "\u001B[31m" }],
    ["17 paths", { exemptPaths: Array<string>(17).fill("/a") }],
    ["a path without a slash", { exemptPaths: ["health"] }],
    ["17 addresses", { exemptAddresses: Array<string>(17).fill("::1") }],
    ["an address that is none", { exemptAddresses: ["localhost"] }],
    ["an end before the beginning", { from: { fromNow: 10 }, until: { fromNow: 10 } }],
    ["an end in the past", { until: now }],
    ["a return in the past", { backAt: now }],
    ["a time that is none", { from: Number.NaN }],
    ["a time in a thousand years", { until: { fromNow: 1000 * 366 * 86_400_000 } }],
  ])("refuses %s", (_, options) => {
    expect(() => on(options)).toThrow(expect.objectContaining({ code: "bad-option" }));
  });

  test("takes as much as it says it does", () => {
    const state = on({
      message: "🚀".repeat(500),
      exemptPaths: Array<string>(16).fill("/a"),
      exemptAddresses: Array<string>(16).fill("::1"),
    });
    expect(state.manual?.exemptPaths).toHaveLength(16);
  });
});

test("switchOff leaves nothing of it, and what is off alone", () => {
  const off = switchOff(on({ message: "Closed" }));
  expect(off).toEqual(emptyState);
  expect(switchOff(off)).toBe(off);
});

test("the mode holds from its beginning, and until its end no longer", () => {
  const state = on({ from: now + 100, until: now + 200 });
  const modes = [99, 100, 199, 200].map((after) => modeAt(state, now + after));
  expect(modes).toEqual(["auto", "closed", "closed", "auto"]);
  expect(modeAt(on({}), 0)).toBe("closed");
});
