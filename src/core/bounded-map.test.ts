import { expect, test } from "vitest";
import { boundedMap, remember } from "./bounded-map.ts";

test("the oldest entry makes room for a new one", () => {
  const map = boundedMap<string, number>(2);
  map.set("a", 1);
  map.set("b", 2);
  map.set("c", 3);
  expect(["a", "b", "c"].map((key) => map.get(key))).toEqual([undefined, 2, 3]);
});

test("an entry that is set again is the newest, and takes no more room", () => {
  const map = boundedMap<string, number>(2);
  map.set("a", 1);
  map.set("b", 2);
  map.set("a", 3);
  map.set("c", 4);
  expect(["a", "b", "c"].map((key) => map.get(key))).toEqual([3, undefined, 4]);
});

test("an entry that is deleted leaves its room to others", () => {
  const map = boundedMap<string, number>(2);
  map.set("a", 1);
  map.set("b", 2);
  map.delete("b");
  map.set("c", 3);
  expect(["a", "b", "c"].map((key) => map.has(key))).toEqual([true, false, true]);
});

test("each answer is made once, even one that is undefined, until newer ones take its place", () => {
  const made: string[] = [];
  const answer = remember(
    (text) => {
      made.push(text);
      return text === "none" ? undefined : text.length;
    },
    { maximum: 2, longest: 10 },
  );
  for (const text of ["none", "none", "abc", "abc", "none", "d", "none"]) answer(text);
  expect(made).toEqual(["none", "abc", "d", "none"]);
});

test("the answer to a long text is not kept", () => {
  let made = 0;
  const answer = remember(() => ++made, { maximum: 2, longest: 10 });
  expect([answer("a".repeat(11)), answer("a".repeat(11))]).toEqual([1, 2]);
});
