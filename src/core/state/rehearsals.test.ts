import { expect, test } from "vitest";
import { beginRehearsal, endRehearsal, rehearsalLifetime, withoutExpired } from "./rehearsals.ts";
import { recordRelease } from "./releases.ts";
import { emptyState, type State } from "./state.ts";

const before = recordRelease(emptyState, "v1", 1).state;
const begin = (state: State, id: string, now: number): State =>
  beginRehearsal(state, { id, key: "k" }, now).state;

test("a rehearsal lasts a minute, and leaves nothing behind when it ends", () => {
  const state = begin(before, "a", 1000);
  expect(state.rehearsals).toEqual([{ id: "a", key: "k", expiresAt: 1000 + rehearsalLifetime }]);
  expect(endRehearsal(state, "a", 2000)).toEqual(before);
  expect(endRehearsal(state, "b", 2000)).toBe(state);
  expect(withoutExpired(state, 1000 + rehearsalLifetime - 1)).toBe(state);
  expect(withoutExpired(state, 1000 + rehearsalLifetime)).toEqual(before);
});

test("there are four at once at the most; those that nobody ended make room when they are over", () => {
  const four = ["a", "b", "c", "d"].reduce((state, id) => begin(state, id, 1000), before);
  expect(() => begin(four, "e", 2000)).toThrow(expect.objectContaining({ code: "store-busy" }));
  expect(begin(four, "e", 1000 + rehearsalLifetime).rehearsals).toMatchObject([{ id: "e" }]);
});

test("a state without rehearsals stays the very same", () => {
  expect(withoutExpired(before, 5)).toBe(before);
  expect(endRehearsal(before, "a", 5)).toBe(before);
});
