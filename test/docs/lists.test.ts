import { expect, test } from "vitest";
import { documents, readDocument } from "./blocks.ts";
import { listNames, withLists } from "./lists.ts";

test.each(documents)("%s has its lists as the code has them (npm run docs:lists)", async (document) => {
  const text = readDocument(document);
  expect(await withLists(document, text)).toBe(text);
});

test("every list stands in a document", () => {
  const all = documents.map(readDocument).join("\n");
  const used = new Set([...all.matchAll(/<!-- list: ([a-z ]+) -->/g)].map(([, name]) => name ?? ""));
  expect([...used].sort()).toEqual([...listNames].sort());
});

test("a stale list is written anew, and nothing around it", async () => {
  const stale = "# A\n\nIn <!-- list: language count -->7<!-- end of list --> languages.\n";
  expect(await withLists("docs/a.md", stale)).toMatch(
    /^# A\n\nIn <!-- list: language count -->\d\d<!-- end of list --> languages\.\n$/,
  );
});

test("a list that does not exist is refused, with those that do", async () => {
  await expect(withLists("docs/a.md", "<!-- list: cats --><!-- end of list -->")).rejects.toThrow(
    /settings, platforms/,
  );
});
