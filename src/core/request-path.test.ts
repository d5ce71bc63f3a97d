import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalPath } from "./path-glob.ts";

test.each([
  ["/", "/"],
  ["/healthz", "/healthz"],
  ["/healthz/", "/healthz"],
  ["/hooks/a%20b", "/hooks/a%20b"],
  ["/hooks/caf%c3%a9", "/hooks/caf%C3%A9"],
  ["/hooks/a.b/..c/d..", "/hooks/a.b/..c/d.."],
  ["/hooks/...", "/hooks/..."],
  ["/hooks/user@host:1,2;".replace(";", ""), "/hooks/user@host:1,2"],
])("%s is read as %s", (path, read) => {
  expect(canonicalPath(path)).toBe(read);
});

test.each([
  "",
  "*",
  "hooks/x",
  "http://site.example/hooks/x",
  "//hooks/x",
  "/hooks//x",
  "/hooks//",
  "/hooks/../admin",
  "/hooks/..",
  "/hooks/./x",
  "/.",
  "/..",
  "/hooks/%2e%2e/admin",
  "/hooks/.%2E/admin",
  "/hooks/%2fadmin",
  "/hooks%5c..%5cadmin",
  "/hooks/..\\admin",
  "\\hooks\\x",
  "/hooks/%252e%252e/admin",
  "/hooks/%c0%ae%c0%ae/admin",
  "/hooks/%ff",
  "/hooks/%",
  "/hooks/%2",
  "/hooks/%zz",
  "/hooks/%00",
  "/hooks/%0a",
  "/hooks/%7f",
  "/hooks/..;/admin",
  "/hooks/..%3b/admin",
  "/admin;/hooks/x",
  "/admin%3f/hooks/x",
  "/admin%23/hooks/x",
  "/admin#/hooks/x",
  "/%68ooks/x",
  "/hooks/%41",
  "/hooks/%7Euser",
  "/hooks/.\t./admin",
  "/hooks/.\n./admin",
  "/hooks/ x",
  "/hooks/é",
  "/hooks/．．/admin",
  `/hooks/${"a".repeat(2048)}`,
])("%j can be read in two ways, or in none", (path) => {
  expect(canonicalPath(path)).toBeUndefined();
});

test("what is read, the URL standard and a single decoding read alike, segment by segment", () => {
  const piece = fc.constantFrom(
    ...[
      "/",
      "/",
      "a",
      "hooks",
      ".",
      "..",
      "%2e",
      "%2F",
      "%5C",
      "\\",
      ";",
      "#",
      "%",
      "%25",
      "%20",
      "%41",
      "%c3%a9",
    ],
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const path = `/${pieces.join("")}`;
      const read = canonicalPath(path);
      fc.pre(read !== undefined);
      const segments = read.split("/").map(decodeURIComponent);
      const { pathname } = new URL(path, "http://site.example");
      expect(decodeURIComponent(pathname).replace(/(?<=.)\/$/, "")).toBe(segments.join("/"));
      expect(segments.slice(1).every((segment) => !/^\.{1,2}$|[/\\]/.test(segment))).toBe(true);
    }),
    { numRuns: 5000 },
  );
});
