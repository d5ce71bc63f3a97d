import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeState, emptyState, encodeState, type State } from "./state.ts";
import { recordRelease } from "./releases.ts";

const recorded = (...ids: readonly string[]): State =>
  ids.reduce((state, id, index) => recordRelease(state, id, index).state, emptyState);

describe("the stored text", () => {
  test("comes back as it was", () => {
    const state: State = {
      ...recorded("v1.0", "ünïcode ✓"),
      mode: "errors",
      manual: { message: "Back soon", backAt: 5, exemptPaths: ["/health"], key: "k" },
      deploy: { release: "x", openedAt: 1, leaseUntil: 2, by: "a@b", id: "i", previous: "v1.0" },
      changes: [{ at: 1, by: "a@b", what: "on" }],
      rehearsals: [{ id: "r", key: "k", expiresAt: 3 }],
    };
    expect(decodeState(encodeState(state))).toEqual(state);
  });

  test("keeps fields that a newer version added", () => {
    const text = JSON.stringify({ ...recorded("v1.0"), reports: [1] });
    const next = recordRelease(decodeState(text), "v1.1", 5).state;
    expect(JSON.parse(encodeState(next))).toMatchObject({ reports: [1] });
  });

  test.each([
    "",
    "null",
    "[]",
    "{",
    "{}",
    '{"releases":{}}',
    '{"releases":[{"id":""}]}',
    '{"releases":[{"id":"a","at":"1"}]}',
    '{"releases":[],"mode":"half"}',
    '{"releases":[],"deploy":{}}',
    '{"releases":[],"deploy":{"release":"x","openedAt":1,"leaseUntil":2,"by":7}}',
    '{"releases":[],"manual":[]}',
    '{"releases":[],"manual":{"exemptPaths":"/health"}}',
    '{"releases":[],"manual":{"until":"tomorrow"}}',
    '{"releases":[],"changes":[{"at":1}]}',
    '{"releases":[],"rehearsals":[{"id":"r","key":"k"}]}',
  ])("is refused with a clear error when it is %j", (text) => {
    expect(() => decodeState(text)).toThrow(expect.objectContaining({ code: "state-unreadable" }));
  });

  test("never breaks the reader in another way, whatever it is", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        try {
          decodeState(text);
        } catch (error) {
          expect(error).toMatchObject({ code: "state-unreadable" });
        }
      }),
      { numRuns: 2000 },
    );
  });
});
