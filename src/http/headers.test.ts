import fc from "fast-check";
import { expect, test } from "vitest";
import { addVary, pathOf } from "./headers.ts";

test.each([
  [undefined, "Accept", "Accept"],
  ["", "Accept", "Accept"],
  ["Origin", "Accept, Accept-Language", "Origin, Accept, Accept-Language"],
  ["accept , Origin", "Accept, Accept-Language", "accept , Origin, Accept-Language"],
  ["*", "Accept", "*"],
])("Vary %j and %j make %j", (existing, added, result) => {
  expect(addVary(existing, added)).toBe(result);
});

test.each([
  [undefined, "/"],
  ["", "/"],
  ["/", "/"],
  ["/a/b?c=/d", "/a/b"],
  ["?x", "/"],
  ["*", "/"],
  ["http://site.example/a/b?c", "/a/b"],
  ["http://site.example", "/"],
  ["//double", "//double"],
])("the path of %j is %j", (target, path) => {
  expect(pathOf(target)).toBe(path);
});

test("whatever the target, its path begins with a slash and has no query", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.webUrl({ withQueryParameters: true })), (target) => {
      const path = pathOf(target);
      expect(path.startsWith("/")).toBe(true);
      expect(path).not.toContain("?");
    }),
  );
});
