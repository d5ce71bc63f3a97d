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
  ["/**", "/", true],
  ["/**", "", true],
  ["/a*b*c/**/d", "/abxbc/x/y/d", true],
  ["/a*b*c/**/d", "/abx/bc/x/y/d", false],
  ["/line*", "/line\nfeed", true],
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

test("matches what the regular expression of the same meaning does", () => {
  const glob = fc.array(fc.constantFrom("a", "b", "/", "?", "*", "**", "/**", "."), { maxLength: 10 });
  const path = fc.array(fc.constantFrom("a", "b", "/", "."), { maxLength: 12 });
  const signs: Readonly<Record<string, string>> = { "?": "[^/]", "*": "[^/]*", "**": ".*", ".": "\\." };
  fc.assert(
    fc.property(glob, path, (parts, rest) => {
      const text = `/${parts.join("")}`.replace(/\*{3,}/g, "**");
      const source = text
        .replace(/\/\*\*$/, "\0")
        .replace(/\*\*|[?*.]/g, (sign) => signs[sign] ?? "")
        .replace("\0", "(?:/.*)?");
      const target = `/${rest.join("")}`;
      expect(parsePathGlob(text).test(target)).toBe(new RegExp(`^${source}$`, "s").test(target));
    }),
    { numRuns: 2000 },
  );
});

test("takes no longer than the path is long, whatever stars it has and whoever chose the path", () => {
  const milliseconds = (segments: number): number => {
    const pattern = parsePathGlob("/api/**/users/**/users/**/end");
    const path = `/api${"/users".repeat(segments)}`;
    const begun = performance.now();
    expect(pattern.test(path)).toBe(false);
    return performance.now() - begun;
  };
  milliseconds(100);
  // With three stars that are gone back to, some ten thousand million steps: minutes.
  expect(milliseconds(5000)).toBeLessThan(1000);
});
