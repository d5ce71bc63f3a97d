import { describe, expect, test } from "vitest";
import { playDeploy, type PlayedDeploy } from "../../../test/support/played-deploy.ts";
import { noteChange, type Deed } from "../../core/state/changes.ts";
import { decodeState, emptyState, type State } from "../../core/state/state.ts";
import { readReports } from "../../reports/instances.ts";
import { memoryStore } from "../../stores/memory/index.ts";
import { toReplay, toRollouts, type Replay } from "./rollouts.ts";

const history = (...deeds: readonly Deed[]): State =>
  deeds.reduce<State>(
    (state, deed, index) => noteChange(state, { at: index + 1, by: "ann", deed }),
    emptyState,
  );
const begun = (release: string, more = {}): Deed => ({ kind: "deploy-begun", release, ...more });

describe("the history tells of a deploy", () => {
  test.each<[string, readonly Deed[], object]>([
    [
      "that it is over",
      [begun("v1"), { kind: "deploy-ended", release: "v1", outcome: "succeeded" }],
      { outcome: "succeeded", endedAt: 2, endedBy: "ann" },
    ],
    [
      "that it has failed, and what is current again",
      [
        begun("v1"),
        { kind: "deploy-ended", release: "v1", outcome: "failed", note: "exit 1", restored: "v0" },
      ],
      { outcome: "failed", note: "exit 1", restored: "v0" },
    ],
    ["that it was lost", [begun("v1"), begun("v2", { lost: "v1" })], { outcome: "lost", until: 2 }],
    [
      "that it was taken over",
      [begun("v1"), begun("v2", { takenOver: "v1" })],
      { outcome: "aborted", endedAt: 2 },
    ],
    ["that it was only recorded", [{ kind: "release-recorded", release: "v1" }], { way: "recorded" }],
    ["that it was a rollback", [{ kind: "rolled-back", release: "v1" }], { way: "rolled-back" }],
  ])("%s", (_, deeds, expected) => {
    expect(toRollouts(history(...deeds), 10).at(-1)).toMatchObject({ at: 1, release: "v1", ...expected });
  });

  test("that it is open, or that its lease ran out", () => {
    const deploy = { release: "v1", openedAt: 1, leaseUntil: 5 };
    const state = { ...history(begun("v1")), deploy };
    expect(toRollouts(state, 4)[0]?.outcome).toBe("open");
    expect(toRollouts(state, 6)[0]?.outcome).toBe("lost");
  });

  test("nothing, and then the list of releases still does", () => {
    const releases = [
      { id: "v0", at: 1 },
      { id: "v1", at: 5 },
    ];
    expect(toRollouts({ ...emptyState, releases }, 9)).toMatchObject([
      { release: "v1", at: 5, by: null, way: "unknown", until: undefined },
      { release: "v0", at: 1, until: 5 },
    ]);
  });
});

describe("a deploy is replayed", () => {
  async function replayOf(played: PlayedDeploy, release: string): Promise<Replay> {
    const store = memoryStore();
    await playDeploy(store, played);
    const { value = "" } = await store.read("shop");
    const now = Date.now();
    const rollout = toRollouts(decodeState(value), now).find((one) => one.release === release);
    if (rollout === undefined || store.reports === undefined) throw new Error("no such deploy");
    return toReplay(rollout, (await readReports(store.reports, "shop")).reports, now);
  }

  test("instance by instance, in the order in which they were replaced", async () => {
    const { instances, behind } = await replayOf({}, "v1.1");
    expect(behind).toBe(5);
    expect(instances.filter(({ what }) => what === "came").map(({ name }) => name)).toEqual(
      Array.from({ length: 7 }, (_, index) => `web-${String(index + 1)}`),
    );
    expect(instances.filter(({ what }) => what === "went")).toHaveLength(7);
    expect(instances.map(({ at }) => at)).toEqual(instances.map(({ at }) => at).toSorted((a, b) => a - b));
  });

  test("with what it hid over time, and nothing of before and after", async () => {
    const { hidden, hiddenSteps, regularSteps, from, rollout } = await replayOf(
      { isOver: true, replaced: 12 },
      "v1.1",
    );
    const total = hiddenSteps.reduce((sum, { count }) => sum + count, 0);
    expect(total).toBe(hidden.masked);
    expect(total).toBeGreaterThan(50);
    expect(regularSteps).toEqual([]);
    expect(from).toBe(rollout.at - 60_000);
    const before = await replayOf({ isOver: true, replaced: 12 }, "v1.0");
    expect(before.hidden.masked).toBe(0);
    expect(before.regularSteps.length).toBeGreaterThan(0);
  });

  test("and one that is long over ends where it ended", async () => {
    const { from, to } = await replayOf({}, "v0.1");
    expect(to - from).toBe(120_000);
  });
});
