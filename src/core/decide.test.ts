import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decide, isClosed, type DecideSettings, type Facts, type Verdict } from "./decide.ts";
import { emptyState, type Manual, type State } from "./state/state.ts";

const automatic: DecideSettings = { manual: false, exempt: [] };
const failed: Facts = { status: 500, path: "/" };
const current = (id: string, at = 0): State => ({ ...emptyState, releases: [{ id, at }] });
const now = 1000;

interface Line {
  readonly when: string;
  readonly settings?: Partial<DecideSettings>;
  readonly release?: string | undefined;
  readonly state?: State | undefined;
  readonly facts?: Partial<Facts>;
  readonly then: `${Verdict["verdict"]}: ${Verdict["reason"]}`;
}

const behind = { release: "v1.0", state: current("v1.1") } as const;
const even = { release: "v1.1", state: current("v1.1") } as const;
const closed = { release: "v1.1", state: { ...current("v1.1"), mode: "closed" } } as const;
const withManual = (manual: Manual, ids = "v1.1"): State => ({ ...current(ids), mode: "errors", manual });
const openDeploy = { release: "v1.1", openedAt: 0, leaseUntil: now + 1 };

const table: readonly Line[] = [
  { when: "the releases differ", ...behind, then: "maintenance: release-mismatch" },
  { when: "the releases are the same", ...even, then: "regular: release-match" },
  {
    when: "they differ in case alone",
    release: "V1.1",
    state: current("v1.1"),
    then: "maintenance: release-mismatch",
  },
  { when: "the response is a success", ...behind, facts: { status: 200 }, then: "regular: exempt" },
  { when: "the response is a client error", ...behind, facts: { status: 499 }, then: "regular: exempt" },
  {
    when: "the status is above all server errors",
    ...behind,
    facts: { status: 600 },
    then: "regular: exempt",
  },
  {
    when: "the status is the last server error",
    ...behind,
    facts: { status: 599 },
    then: "maintenance: release-mismatch",
  },
  {
    when: "the response says when to retry",
    ...behind,
    facts: { retryAfter: true },
    then: "regular: exempt",
  },
  {
    when: "it is a gRPC answer",
    ...behind,
    facts: { contentType: "Application/gRPC+proto" },
    then: "regular: exempt",
  },
  { when: "the path is exempt", ...behind, settings: { exempt: [/^\/$/] }, then: "regular: exempt" },
  { when: "it is skipped", ...behind, facts: { skipped: true }, then: "regular: exempt" },
  {
    when: "it is skipped in manual mode",
    settings: { manual: true },
    facts: { skipped: true },
    then: "regular: exempt",
  },
  { when: "manual mode is on here", settings: { manual: true }, ...even, then: "maintenance: manual" },
  {
    when: "manual mode is on here and nothing is known",
    settings: { manual: true },
    then: "maintenance: manual",
  },
  {
    when: "the store says errors",
    release: "v1.1",
    state: { ...current("v1.1"), mode: "errors" },
    then: "maintenance: manual",
  },
  {
    when: "the store says closed",
    release: "v1.1",
    state: { ...current("v1.1"), mode: "closed" },
    then: "maintenance: manual",
  },
  {
    when: "the store says errors to an unknown release",
    state: { ...emptyState, mode: "errors" },
    then: "maintenance: manual",
  },
  {
    when: "manual mode is yet to begin",
    release: "v1.1",
    state: withManual({ from: now + 1 }),
    then: "regular: release-match",
  },
  {
    when: "manual mode begins",
    release: "v1.1",
    state: withManual({ from: now, until: now + 1 }),
    then: "maintenance: manual",
  },
  {
    when: "manual mode is over",
    release: "v1.1",
    state: withManual({ from: 0, until: now }),
    then: "regular: release-match",
  },
  {
    when: "manual mode is over and the releases differ",
    release: "v1.0",
    state: withManual({ until: now }),
    then: "maintenance: release-mismatch",
  },
  {
    when: "manual mode does not concern the path",
    release: "v1.1",
    state: withManual({ exemptPaths: ["/api/**", "/"] }),
    then: "regular: release-match",
  },
  {
    when: "manual mode does not concern other paths",
    release: "v1.1",
    state: withManual({ exemptPaths: ["/api/**"] }),
    facts: { path: "/apis" },
    then: "maintenance: manual",
  },
  {
    when: "manual mode does not concern the client",
    release: "v1.1",
    state: withManual({ exemptAddresses: ["10.0.0.0/8"] }),
    facts: { address: "::ffff:10.1.2.3" },
    then: "regular: release-match",
  },
  {
    when: "manual mode does not concern other clients",
    release: "v1.1",
    state: withManual({ exemptAddresses: ["10.0.0.0/8"] }),
    facts: { address: "11.1.2.3" },
    then: "maintenance: manual",
  },
  {
    when: "the client is not known",
    release: "v1.1",
    state: withManual({ exemptAddresses: ["0.0.0.0/0", "::/0"] }),
    then: "maintenance: manual",
  },
  {
    when: "manual mode is bypassed",
    release: "v1.1",
    state: withManual({}),
    facts: { bypassed: true },
    then: "regular: release-match",
  },
  {
    when: "manual mode does not concern the path and the releases differ",
    release: "v1.0",
    state: withManual({ exemptPaths: ["/"] }),
    then: "maintenance: release-mismatch",
  },
  {
    when: "what manual mode exempts can't be understood",
    release: "v1.1",
    state: withManual({ exemptPaths: ["no slash", "/"], exemptAddresses: ["nobody"] }),
    facts: { path: "/x", address: "10.1.2.3" },
    then: "maintenance: manual",
  },
  {
    when: "manual mode is on here, whatever the store exempts",
    settings: { manual: true },
    release: "v1.1",
    state: withManual({ exemptPaths: ["/"] }),
    facts: { bypassed: true },
    then: "maintenance: manual",
  },
  { when: "the instance's release is unknown", state: current("v1.1"), then: "regular: no-instance-release" },
  { when: "nothing at all is known", then: "regular: no-instance-release" },
  { when: "no release is recorded", release: "v1.0", state: emptyState, then: "regular: no-current-release" },
  { when: "the store was never read", release: "v1.0", then: "regular: store-unknown" },
  {
    when: "they differ within the maximum window",
    settings: { maxWindow: 500 },
    release: "v1.0",
    state: current("v1.1", now - 499),
    then: "maintenance: release-mismatch",
  },
  {
    when: "they differ past the maximum window",
    settings: { maxWindow: 500 },
    release: "v1.0",
    state: current("v1.1", now - 500),
    then: "regular: window-passed",
  },
  {
    when: "a deploy is open",
    release: "v1.1",
    state: { ...current("v1.1"), deploy: openDeploy },
    then: "maintenance: deploy-open",
  },
  {
    when: "a deploy was open until its lease ran out",
    release: "v1.1",
    state: { ...current("v1.1"), deploy: { ...openDeploy, leaseUntil: now } },
    then: "regular: release-match",
  },
  {
    when: "a deploy is open past the maximum window",
    settings: { maxWindow: 500 },
    release: "v1.0",
    state: { ...current("v1.1"), deploy: openDeploy },
    then: "maintenance: deploy-open",
  },
];

const judge = ({ settings, release, state, facts }: Omit<Line, "when" | "then">): string => {
  const { verdict, reason } = decide(
    { ...automatic, ...settings },
    release,
    state,
    { ...failed, ...facts },
    now,
  );
  return `${verdict}: ${reason}`;
};

describe("decide", () => {
  test.each(table)("$when: $then", ({ when: _, then, ...line }) => {
    expect(judge(line)).toBe(then);
  });

  test("never touches what is no server error, whatever else is true", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 499 }),
        fc.boolean(),
        fc.option(fc.string(), { nil: undefined }),
        fc.constantFrom(undefined, emptyState, current("v1"), { ...current("v1"), mode: "closed" as const }),
        (status, manual, release, state) => {
          expect(judge({ settings: { manual }, release, state, facts: { status } })).toBe("regular: exempt");
        },
      ),
    );
  });

  test("in automatic mode masks exactly when two known releases differ", () => {
    const id = fc.constantFrom("a", "b", "c");
    fc.assert(
      fc.property(
        fc.option(id, { nil: undefined }),
        fc.option(id, { nil: undefined }),
        (release, recorded) => {
          const state = recorded === undefined ? emptyState : current(recorded);
          const masked = judge({ release, state }).startsWith("maintenance");
          expect(masked).toBe(release !== undefined && recorded !== undefined && release !== recorded);
        },
      ),
    );
  });
});

describe("isClosed", () => {
  const manual: Manual = { from: 500, until: 1500, exemptPaths: ["/open"], exemptAddresses: ["10.0.0.0/8"] };
  const visitor = { path: "/", address: "192.0.2.1" };

  test.each<readonly [string, boolean, State, Partial<Facts>, number]>([
    ["in mode closed", true, closed.state, visitor, now],
    ["of which nothing is known", true, closed.state, {}, now],
    ["in mode auto", false, even.state, visitor, now],
    ["in mode errors", false, { ...closed.state, mode: "errors" }, visitor, now],
    ["within the times", true, { ...closed.state, manual }, visitor, now],
    ["before the times", false, { ...closed.state, manual }, visitor, 499],
    ["after the times", false, { ...closed.state, manual }, visitor, 1500],
    ["of an exempt path", false, { ...closed.state, manual }, { ...visitor, path: "/open" }, now],
    ["of a path in the settings", false, closed.state, { ...visitor, path: "/health" }, now],
    ["of an exempt client", false, { ...closed.state, manual }, { ...visitor, address: "10.0.0.1" }, now],
    ["with a bypass", false, closed.state, { ...visitor, bypassed: true }, now],
  ])("a request %s: %s", (_, expected, state, facts, at) => {
    expect(isClosed({ manual: false, exempt: [/^\/health$/] }, state, facts, at)).toBe(expected);
  });
});
