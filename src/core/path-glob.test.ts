import fc from "fast-check";
import { expect, test } from "vitest";
import { parsePathGlob } from "./path-glob.ts";

test.each([
  ["/health", "/health", true],
  ["/health", "/health/", false],
  ["/health", "/Health", false],
  ["/health*", "/healthz", true],
  ["/api/*/status", "/api/v1/status", true],
  ["/api/*/status", "/api/v1/x/status", false],
  ["/internal/**", "/internal", true],
  ["/internal/**", "/internal/a/b", true],
  ["/internal/**", "/internals", false],
  ["/**/ping", "/a/b/ping", true],
  ["/v?", "/v1", true],
  ["/v?", "/v/", false],
  ["/a.b", "/axb", false],
  ["/a(b)[c]", "/a(b)[c]", true],
  ["/a/*****b", "/a/x/b", true],
])("%s and %s: %s", (glob, path, matches) => {
  expect(parsePathGlob(glob).test(path)).toBe(matches);
});

test.each(["", "health", "*", `/${"a".repeat(256)}`])("%j is refused", (glob) => {
  expect(() => parsePathGlob(glob)).toThrow(expect.objectContaining({ code: "bad-option" }));
});

test("a path without signs of its own matches itself and nothing else", () => {
  const segment = fc.stringMatching(/^[a-z0-9.+()[\]$^|\\{}-]{1,12}$/);
  fc.assert(
    fc.property(segment, segment, (one, other) => {
      expect(parsePathGlob(`/${one}`).test(`/${one}`)).toBe(true);
      expect(parsePathGlob(`/${one}`).test(`/${other}`)).toBe(one === other);
    }),
  );
});
