import { describe, expect, test } from "vitest";
import { resolveSettings } from "../../core/settings/resolve.ts";
import { emptyState, type State } from "../../core/state/state.ts";
import { createFakeClock } from "../../testing/fake-clock.ts";
import { createGuess, isIntercepting } from "./guess.ts";
import { createUpstreams } from "./upstreams.ts";

const minute = 60_000;
const now = 100 * minute;
/** v1.1 became current ten minutes ago. */
const state: State = {
  ...emptyState,
  releases: [
    { id: "v1.0", at: 0 },
    { id: "v1.1", at: now - 10 * minute },
  ],
};
const known = { state, now };

interface Given {
  readonly seen?: readonly string[];
  readonly window?: number;
  /** What the asked upstreams report, by address. */
  readonly asked?: Readonly<Record<string, readonly string[]>>;
  readonly registered?: Readonly<Record<string, string>>;
  readonly learnt?: Readonly<Record<string, string>>;
}

function guess({ seen, window = 15 * minute, registered = {}, learnt = {}, asked }: Given = {}) {
  const upstreams = createUpstreams({
    registered: new Map(Object.entries(registered)),
    learning: true,
    clock: createFakeClock(),
  });
  for (const [address, release] of Object.entries(learnt)) upstreams.learn(address, release);
  return createGuess({
    ...{ upstreams, reported: { seen: seen && new Set(seen) }, window },
    asked: {
      at: (address) => asked?.[address] && new Set(asked[address]),
      running: asked && new Set(Object.values(asked).flat()),
    },
  });
}

describe("an error without a release", () => {
  test.each<readonly [string, Given, string | undefined, string]>([
    ["in the window: of the release before", {}, undefined, "v1.0"],
    ["after the window: of the current one", { window: 10 * minute }, undefined, "v1.1"],
    ["without a window: of the current one", { window: 0 }, undefined, "v1.1"],
    ["all report the current one", { seen: ["v1.1"] }, undefined, "v1.1"],
    ["one reports an earlier one", { seen: ["v1.1", "v1.0"] }, undefined, "v1.0"],
    ["and that long ago", { seen: ["v0.9", "v1.1"], window: 0 }, undefined, "v0.9"],
    ["a registered address", { registered: { "a:1": "v0.9" }, seen: ["v1.1"] }, "a:1", "v0.9"],
    ["another address", { registered: { "a:1": "v0.9" }, seen: ["v1.1"] }, "b:1", "v1.1"],
    ["a learnt address", { learnt: { "a:1": "v1.1" }, seen: ["v1.1", "v1.0"] }, "a:1", "v1.1"],
    [
      "a learnt release that nobody runs any more",
      { learnt: { "a:1": "v1.0" }, seen: ["v1.1"] },
      "a:1",
      "v1.1",
    ],
    ["all that are asked run the current one", { asked: { "a:1": ["v1.1"] } }, undefined, "v1.1"],
    [
      "one that is asked runs another",
      { asked: { "a:1": ["v1.1"], "b:1": ["v1.0"] }, window: 0 },
      undefined,
      "v1.0",
    ],
    ["one that is asked, and not the other", { asked: { "a:1": ["v1.1"], "b:1": ["v1.0"] } }, "a:1", "v1.1"],
    ["one that is being reloaded", { asked: { "a:1": ["v1.0", "v1.1"] } }, "a:1", "v1.0"],
    [
      "what is asked comes before what is reported",
      { asked: { "a:1": ["v1.1"] }, seen: ["v1.0"] },
      "b:1",
      "v1.1",
    ],
  ])("%s", (_, given, upstream, release) => {
    expect(guess(given)(upstream, known)).toBe(release);
  });

  test("is nobody's as long as nothing is known, or nothing recorded", () => {
    expect(guess({ seen: ["v1.0"] })(undefined, undefined)).toBeNull();
    expect(guess()(undefined, { state: emptyState, now })).toBeNull();
  });

  test("after the first release of all is of that one: there was none before", () => {
    const first: State = { ...emptyState, releases: [{ id: "v1.0", at: now }] };
    expect(guess()(undefined, { state: first, now })).toBe("v1.0");
  });
});

describe("interception", () => {
  const settings = resolveSettings({}, {});
  test("is wanted in manual mode, while a deploy is open, and for another release than the current one", () => {
    const open: State = { ...state, deploy: { release: "v1.1", openedAt: now, leaseUntil: now + 1 } };
    expect(isIntercepting(settings, "v1.0", known)).toBe(true);
    expect(isIntercepting(settings, "v1.1", known)).toBe(false);
    expect(isIntercepting(settings, "v1.1", { state: open, now })).toBe(true);
    expect(isIntercepting(settings, "v1.1", { state: open, now: now + 1 })).toBe(false);
    expect(isIntercepting(settings, null, { state: { ...emptyState, mode: "errors" }, now })).toBe(true);
    expect(isIntercepting(settings, null, undefined)).toBe(false);
  });
});
