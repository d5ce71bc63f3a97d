import { expect, test } from "vitest";
import { wrap } from "./wrap.ts";

test("lines are broken between words, and a word that is too long has a line to itself", () => {
  expect(wrap("to be or not", 6)).toEqual(["to be", "or not"]);
  expect(wrap("a postgres://long b", 8)).toEqual(["a", "postgres://long", "b"]);
  expect(wrap("", 8)).toEqual([""]);
});
