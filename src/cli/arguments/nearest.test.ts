import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nearest } from "./nearest.ts";

const verbs = ["create-release", "rollback", "releases", "status", "migrate", "shell", "demo"];

describe("nearest", () => {
  test.each([
    ["rolback", "rollback"],
    ["stauts", "status"],
    ["release", "releases"],
    ["create_release", "create-release"],
    ["create", "create-release"],
    ["Demo", "demo"],
    ["xyz", undefined],
    ["de", undefined],
    ["", undefined],
  ])("%j was probably meant to be %j", (word, meant) => {
    expect(nearest(word, verbs)).toBe(meant);
  });

  test("a candidate is nearest to itself", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1 }),
        fc.nat(),
        (candidates, pick) => {
          const word = candidates[pick % candidates.length] ?? "";
          const found = nearest(word, candidates);
          expect(found === word || found?.startsWith(word)).toBe(true);
        },
      ),
    );
  });
});
