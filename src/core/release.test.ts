import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { areFormsOfOneCommit, doubtAbout, isRelease, parseRelease, refusePlaceholder } from "./release.ts";

describe("parseRelease", () => {
  test.each([
    ["v1.1", "v1.1"],
    ["  v1.1\n", "v1.1"],
    ["registry.example/app:deployment-01J", "registry.example/app:deployment-01J"],
    ["x".repeat(127), "x".repeat(127)],
    ["🚀".repeat(127), "🚀".repeat(127)],
    ["v1 beta <b>", "v1 beta <b>"],
  ])("takes %j", (text, id) => {
    expect(parseRelease(text)).toBe(id);
  });

  test.each([
    "",
    "   ",
    "x".repeat(128),
    "🚀".repeat(128),
    "v1\nv2",
    "v1\u0000",
    "\u001b[31mred",
    "v1\u2028v2",
    "\ud800",
  ])("refuses %j", (text) => {
    expect(() => parseRelease(text)).toThrow(expect.objectContaining({ code: "bad-release" }));
  });

  test("gives back only what can be an identifier, and never fails in another way", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
        try {
          expect(isRelease(parseRelease(text))).toBe(true);
        } catch (error) {
          expect(error).toMatchObject({ code: "bad-release" });
          // The message may be printed to a terminal.
          expect((error as Error).message).not.toMatch(/\p{Cc}/u);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("a doubtful release", () => {
  test.each([
    "$GIT_SHA",
    "${GIT_SHA}",
    "v${TAG}",
    "shop:$TAG",
    "$(git rev-parse HEAD)",
    "{{ version }}",
    "<version>",
    "%VERSION%",
    "<%= tag %>",
    "undefined",
    "null",
    "NaN",
    "None",
    "nil",
    "vundefined",
    "shop:undefined",
    "[object Object]",
  ])("%s is a placeholder, and not recorded", (id) => {
    expect(doubtAbout(id)).toBe("placeholder");
    expect(() => {
      refusePlaceholder(id);
    }).toThrow(expect.objectContaining({ code: "bad-release" }));
  });

  test.each(["latest", "registry.example.com/shop:latest", "main", "HEAD", "master", "production"])(
    "%s is the same in every deploy",
    (id) => {
      expect(doubtAbout(id)).toBe("constant");
      refusePlaceholder(id);
    },
  );

  test.each([
    "v1.1",
    "3f2c1e9",
    "main-3f2c1e9",
    "release-2026-11-30",
    "shop:1.2",
    "fix/handle-null",
    "us$",
    "100%",
    "v1<2",
    "nullable",
    "heads",
    "shop@sha256:0123",
  ])("%s is none", (id) => {
    expect(doubtAbout(id)).toBeUndefined();
  });
});

test("a short and a long form of one commit are told from other releases", () => {
  const long = "9fceb02d0ae598e95dc970b74767f19372d61af8";
  for (const length of [7, 8, 12]) {
    expect(areFormsOfOneCommit(long, long.slice(0, length))).toBe(true);
    expect(areFormsOfOneCommit(long.slice(0, length).toUpperCase(), long)).toBe(true);
  }
  for (const [one, other] of [
    [long, long],
    [long, "9fceb03"],
    [long, long.slice(0, 6)],
    ["v1.0", "v1.0.1"],
    ["defaced", "defacedbad"],
    ["20261130", "20261130120000"],
  ] as const)
    expect(areFormsOfOneCommit(one, other)).toBe(false);
});
