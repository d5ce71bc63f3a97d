import fc from "fast-check";
import { expect, test } from "vitest";
import { isRelease } from "../core/release.ts";
import { readReleaseHeader } from "./release-header.ts";

const asNodeReads = (text: string): string => Buffer.from(text, "utf8").toString("latin1");

test("every release that is sent percent-encoded is read as what it is", () => {
  const release = fc.string({ unit: "grapheme", minLength: 1, maxLength: 60 }).filter(isRelease);
  fc.assert(
    fc.property(release, (id) => {
      expect(readReleaseHeader(encodeURIComponent(id))).toBe(id);
    }),
  );
});

test.each([
  ["plain", "v1.0", "v1.0"],
  ["with spaces around it", " v1.0 ", "v1.0"],
  ["UTF-8 that was not encoded", asNodeReads("Größe"), "Größe"],
  ["as Django writes what is beyond Latin-1", "=?utf-8?b?0YDQtdC70LjQtw==?=", "релиз"],
  ["a percent sign that encodes nothing", "50%", "50%"],
  ["sent twice", "v1.0, v1.0", "v1.0"],
  ["sent twice, encoded once", "a%20b, a b", "a b"],
  ["sent by two that disagree", "v1.0, v1.1", null],
  ["a comma that is encoded", "a%2Cb", "a,b"],
  ["nothing", undefined, null],
  ["empty", " ", null],
  ["empty twice", ", ", null],
  ["control characters", "a%00b", null],
  ["too long", "a".repeat(128), null],
])("%s", (_, sent, release) => {
  expect(readReleaseHeader(sent)).toBe(release);
});

test("a recorded name counts as it stands, though it looks like an encoding or like two", () => {
  const recorded = new Set(["a%20b", "a, b"]);
  const read = (sent: string) => readReleaseHeader(sent, (release) => recorded.has(release));
  expect(["a%20b", "a, b", "a%20b, a%20b", "a%20c"].map(read)).toEqual(["a%20b", "a, b", "a%20b", "a c"]);
});
