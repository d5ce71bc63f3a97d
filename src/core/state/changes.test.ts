import fc from "fast-check";
import { expect, test } from "vitest";
import { changesLimit, changesSizeLimit, deedOf, noteChange, type Deed } from "./changes.ts";
import { decodeState, emptyState, encodeState, type State } from "./state.ts";

const release = fc.stringMatching(/^[a-z0-9.-]{1,40}$/);
const optional = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.option(value, { nil: undefined });
const time = fc.integer({ min: 0, max: 2e12 });
const deeds: fc.Arbitrary<Deed> = fc.oneof(
  fc.record({ kind: fc.constantFrom("release-recorded" as const, "rolled-back" as const), release }),
  fc.record({
    ...{ kind: fc.constant("deploy-begun" as const), release },
    ...{ lost: optional(release), takenOver: optional(release) },
  }),
  fc.record({
    ...{ kind: fc.constant("deploy-ended" as const), release, restored: optional(release) },
    outcome: fc.constantFrom("succeeded", "failed", "aborted", "lost"),
    note: optional(fc.string({ maxLength: 60 })),
  }),
  fc.record({
    ...{ kind: fc.constant("manual-on" as const), mode: fc.constantFrom("errors", "closed") },
    ...{ from: optional(time), until: optional(time), backAt: optional(time) },
  }),
  fc.record({
    kind: fc.constant("manual-off" as const),
    mode: optional(fc.constantFrom("errors", "closed")),
  }),
  fc.record({ kind: fc.constant("releases-imported" as const), count: fc.nat() }),
);

const noted = (state: State, deed: Deed, at = 1): State => noteChange(state, { at, by: "ann@ci", deed });

test("what was done is read back as it was noted, with words for version 0.1", () => {
  fc.assert(
    fc.property(deeds, (deed) => {
      const [change] = decodeState(encodeState(noted(emptyState, deed))).changes ?? [];
      expect(change && deedOf(change)).toEqual(JSON.parse(JSON.stringify(deed)));
      expect(change?.what).toMatch(/^(?:create-release|rollback|deploy|on|off|import-django)\b/);
    }),
  );
});

test("what version 0.1 noted is read from its words", () => {
  fc.assert(
    fc.property(
      deeds.filter(({ kind }) => kind !== "releases-imported"),
      (deed) => {
        const [change] = noted(emptyState, deed).changes ?? [];
        const old = { at: 1, by: "ann@ci", what: change?.what ?? "" };
        expect(deedOf(old)?.kind).toBe(deed.kind);
      },
    ),
  );
  expect(deedOf({ at: 1, by: "x", what: "deploy v1.1 failed (exit 1), rollback v1.0" })).toEqual({
    kind: "deploy-ended",
    release: "v1.1",
    outcome: "failed",
    note: "exit 1",
    restored: "v1.0",
  });
});

test("what a later version notes is kept, and means nothing here", () => {
  const what = "create-release v2";
  const later = { at: 1, by: "ann", what, deed: { kind: "canary", release: "v2", share: 5 } };
  const state = decodeState(encodeState({ ...emptyState, changes: [later] }));
  expect(state.changes?.map(deedOf)).toEqual([undefined]);
  expect(noted(state, { kind: "manual-off" }).changes?.[0]).toEqual(later);
});

test("the oldest changes give way, in number and in bytes", () => {
  let state: State = emptyState;
  for (let at = 0; at < 300; at++) state = noted(state, { kind: "rolled-back", release: "v1" }, at);
  expect(state.changes?.length).toBeLessThanOrEqual(changesLimit);
  expect(state.changes?.length).toBeGreaterThan(30);
  expect(state.changes?.at(-1)?.at).toBe(299);
  for (let at = 300; at < 400; at++)
    state = noted(
      state,
      { kind: "deploy-ended", release: "x".repeat(127), outcome: "failed", note: "é".repeat(500) },
      at,
    );
  expect(new TextEncoder().encode(JSON.stringify(state.changes)).length).toBeLessThanOrEqual(
    changesSizeLimit + 2,
  );
});
