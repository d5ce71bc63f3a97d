import { expect, test } from "vitest";
import { parseSite, toLink } from "./link.ts";

test.each([
  ["https://shop.example", "https://shop.example/?intermission-bypass=1.a"],
  ["https://shop.example/a?b=c#d", "https://shop.example/a?b=c&intermission-bypass=1.a#d"],
  ["http://localhost:3000/", "http://localhost:3000/?intermission-bypass=1.a"],
])("a link to %s", (site, link) => {
  expect(toLink(parseSite(site), "1.a")).toBe(link);
});

test("without a site, it is what comes behind its address", () => {
  expect(toLink(undefined, "1.a")).toBe("/?intermission-bypass=1.a");
});

test.each([
  "shop.example",
  "/a",
  "javascript:alert(1)",
  "https://u:p@shop.example/",
  `https://a.example/${"a".repeat(3000)}`,
])("%s is no address of a site", (text) => {
  expect(() => parseSite(text)).toThrow("The option --link needs the address of the site");
});
