import fc from "fast-check";
import { expect, test } from "vitest";
import { emptyState, type Change, type State } from "../core/state/state.ts";
import { claim, collect, decodeBox, encodeBox, settle, type Box } from "./box.ts";
import { createEvent, toEvents } from "./event.ts";

const state = (...changes: readonly Change[]): State => ({ ...emptyState, changes });
const change = (at: number, what: string): Change => ({ at, by: "ann@ci", what });

let count = 0;
const collected = (box: Box | undefined, from: State, now: number): Box =>
  collect(box, from, {
    app: "shop",
    now,
    receivers: ["a", "b"],
    extra: [],
    createId: () => `m${String(++count)}`,
  });
const types = (box: Box): readonly string[] => box.pending.map(({ event }) => event.type);

test.each([
  ["create-release v1.1", ["release.created"]],
  ["rollback v1.0", ["release.rolled-back"]],
  ["deploy v1.1 opened", ["deploy.begun"]],
  ["deploy v1.0 was lost; deploy v1.1 opened", ["deploy.lost", "deploy.begun"]],
  ["deploy v1.0 taken over; deploy v1.1 opened", ["deploy.begun"]],
  ["deploy v1.1 succeeded", ["deploy.succeeded"]],
  ["deploy v1.1 failed (exit 1), rollback v1.0", ["deploy.failed"]],
  ["deploy v1.1 aborted (SIGTERM)", ["deploy.failed"]],
  ["on --all --until 2026-11-22T10:00:00.000Z", ["site.closed"]],
  ["on", ["manual.on"]],
  ["off", ["site.opened"]],
  ["something that a later version writes", []],
])("%s tells %j", (what, expected) => {
  expect(toEvents("shop", change(1, what), "closed").map(({ type }) => type)).toEqual(expected);
});

test("the data name release, outcome and what became of it", () => {
  const [event] = toEvents("shop", change(1, "deploy v1.1 failed (exit 1), rollback v1.0"), undefined);
  expect(event).toMatchObject({
    text: "shop: the deploy of v1.1 has failed (exit 1). v1.0 is the current release again.",
    data: { by: "ann@ci", release: "v1.1", outcome: "failed", note: "exit 1", restoredRelease: "v1.0" },
  });
});

test("each change is told once, and an old history is no news", () => {
  const hour = 3_600_000;
  const first = collected(
    undefined,
    state(change(0, "create-release v0"), change(hour, "create-release v1")),
    hour,
  );
  expect(types(first)).toEqual(["release.created"]);
  expect(
    collected(first, state(change(0, "create-release v0"), change(hour, "create-release v1")), hour),
  ).toBe(first);
  const later = state(change(hour, "create-release v1"), change(hour, "on --all"), change(hour + 1, "off"));
  expect(types(collected(first, later, hour + 2))).toEqual(["release.created", "site.closed", "site.opened"]);
});

test("an instance that has read an old state makes nobody tell a change again", () => {
  const old = state(change(1, "create-release v1"));
  const newer = state(change(1, "create-release v1"), change(2, "on"));
  const told = collected(collected(undefined, old, 1), newer, 2);
  const event = createEvent("errors.hidden", "shop", 3, "an error is hidden.");
  const extra = [{ key: "hidden", event }];
  const box = collect(told, old, { app: "shop", now: 3, receivers: ["a"], extra, createId: () => "m" });
  expect(types(box)).toEqual(["release.created", "manual.on", "errors.hidden"]);
  expect(collected(box, newer, 4)).toBe(box);
});

test("a deploy whose lease has run out is told as lost once, whoever opens the next", () => {
  const deploy = { release: "v1.1", openedAt: 0, leaseUntil: 30_000 };
  const first = collected(undefined, { ...emptyState, deploy }, 80_000);
  expect(types(first)).toEqual([]);
  const lost = collected(first, { ...emptyState, deploy }, 91_000);
  expect(types(lost)).toEqual(["deploy.lost"]);
  expect(collected(lost, { ...emptyState, deploy }, 120_000)).toBe(lost);
  const next = collected(lost, state(change(130_000, "deploy v1.1 was lost; deploy v1.2 opened")), 130_000);
  expect(types(next)).toEqual(["deploy.lost", "deploy.begun"]);
});

test("what is claimed nobody else claims, until it is due again", () => {
  const box = collected(undefined, state(change(1, "on")), 1);
  const mine = claim(box, 1, ["a"]);
  expect(mine.claimed).toHaveLength(1);
  expect(claim(mine.box, 29_000, ["a", "b"]).claimed).toEqual([]);
  expect(claim(mine.box, 31_000, ["a", "b"]).claimed[0]?.id).toBe(mine.claimed[0]?.id);
  expect(claim(box, 1, ["another"]).claimed).toEqual([]);
});

test("a receiver that has it gets it no more, and one that never takes it is given up", () => {
  let box = collected(undefined, state(change(1, "on")), 1);
  let now = 1;
  let tries = 0;
  for (; box.pending.length > 0; tries++) {
    const taken = claim(box, now, ["a", "b"]);
    expect(taken.claimed[0]?.left).toEqual(tries === 0 ? ["a", "b"] : ["b"]);
    const attempt = { id: taken.claimed[0]?.id ?? "", done: tries === 0 ? ["a"] : [], retryAfter: 0 };
    box = settle(taken.box, [attempt], now).box;
    now = box.pending[0]?.dueAt ?? now;
  }
  expect(tries).toBe(6);
  expect(now).toBeLessThan(3 * 3_600_000);
});

test("what nobody could send for a day is dropped", () => {
  const box = collected(undefined, state(change(1, "on")), 1);
  expect(claim(box, 86_400_002, ["a"])).toMatchObject({ claimed: [], box: { pending: [] } });
});

test("a box stays small, whatever happens, and any text can stand in its place", () => {
  let box: Box | undefined;
  for (let at = 0; at < 300; at++)
    box = collected(box, state(change(at, `create-release ${"x".repeat(127)}`)), at);
  const text = encodeBox(box as Box, "mark");
  expect(text.length).toBeLessThan(65_536);
  expect(decodeBox(text)).toEqual(box);
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (garbage) => {
      expect(() => decodeBox(garbage)).not.toThrow();
    }),
    { numRuns: 200 },
  );
});

test("a change is told by its data; its words count where version 0.1 kept nothing else", () => {
  const deed = { kind: "deploy-ended", release: "a failed", outcome: "succeeded", note: "x (y), rollback z" };
  const [event] = toEvents("shop", { ...change(1, "deploy a failed succeeded"), deed }, undefined);
  expect(event).toMatchObject({
    type: "deploy.succeeded",
    data: { release: "a failed", restoredRelease: null },
  });
  const unknown = { ...change(1, "create-release v1"), deed: { kind: "of a later version" } };
  expect(toEvents("shop", unknown, undefined)).toEqual([]);
  const off = { ...change(1, "off"), deed: { kind: "manual-off", mode: "errors" } };
  expect(toEvents("shop", off, "closed").map(({ type }) => type)).toEqual(["manual.off"]);
});
