import { expect, test } from "vitest";
import type { State } from "../../core/state/state.ts";
import type { SeenInstance } from "../../reports/instances.ts";
import { toFindings, type FindingFacts } from "./findings.ts";
import { toOverview } from "./overview.ts";

const hour = 3_600_000;
const now = 10 * hour;
const releases = [
  { id: "v1.0", at: hour },
  { id: "v1.1", at: 2 * hour },
];
const recorded: State = { releases, mode: "auto" };

const instance = (release: string | null): SeenInstance => ({
  ...{ id: "i", name: "web-1", host: "h", pid: 1, release, version: "0.2.0" },
  ...{ startedAt: hour, stopped: false, masked: [], lastSeenAt: now },
});

const findingsOf = (
  state: State,
  running: readonly SeenInstance[] | undefined,
  facts: Partial<FindingFacts> = {},
): readonly string[] =>
  toFindings(toOverview("shop", state, running, now), {
    settings: { app: "shop", warnAfter: hour / 2 },
    ...{ place: "/srv/state.db", notice: undefined, drift: 0, now },
    ...facts,
  }).map(({ found, remedy }) => `${found} -> ${remedy}`);

test("all is well where every instance runs the current release, and where nobody knows", () => {
  expect(findingsOf(recorded, [instance("v1.1")])).toEqual([]);
  expect(findingsOf(recorded, undefined)).toEqual([]);
});

test.each<[string, State, readonly SeenInstance[], Partial<FindingFacts>, RegExp]>([
  [
    "no release",
    { ...recorded, releases: [] },
    [],
    {},
    /\/srv\/state\.db has no release .* -> Run intermission create-release/,
  ],
  [
    "a release of elsewhere",
    recorded,
    [instance("x9")],
    {},
    /1 of 1 instance run .*web-1 \(x9\).* -> .*MAINTENANCE_APP/,
  ],
  ["an instance that knows no release", recorded, [instance(null)], {}, /web-1 \(unknown\)/],
  [
    "a long mismatch",
    recorded,
    [instance("v1.0")],
    {},
    /1 instance has been behind for up to 8 h: web-1.* -> Replace or restart/,
  ],
  [
    "a commit in two forms",
    { ...recorded, releases: [{ id: "a1b2c3d4e5a1b2c3d4e5a1b2c3d4e5a1b2c3d4e5", at: 1 }] },
    [instance("a1b2c3d")],
    {},
    /one commit, but two releases/,
  ],
  [
    "a replica",
    recorded,
    [],
    { notice: "It is a replica." },
    /\/srv\/state\.db: It is a replica\. -> Correct MAINTENANCE_STORE/,
  ],
  ["a wrong clock", recorded, [], { drift: -90_000 }, /differ by 1 min 30 s\. -> Let NTP/],
  [
    "a lost deploy",
    { ...recorded, deploy: { release: "v1.1", openedAt: 1, leaseUntil: 2 } },
    [],
    {},
    /deploy of v1\.1.*never closed\. -> .*--fail/,
  ],
])("%s is found, with what to do", (_, state, running, facts, expected) => {
  const found = findingsOf(state, running, facts);
  expect(found).toHaveLength(1);
  expect(found[0]).toMatch(expected);
});
