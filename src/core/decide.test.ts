import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decide, type DecideSettings, type Facts, type Verdict } from "./decide.ts";
import { emptyState, type State } from "./state.ts";

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
