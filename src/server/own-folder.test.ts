import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import { lstatSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { isOwnFile, makeOwnFolder, replaceFile } from "./own-folder.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "intermission-own-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
});

const inside = (...names: readonly string[]): string => join(folder, ...names);
const isRoot = process.geteuid?.() === 0;
const nobody = 65_534;

describe("a folder", () => {
  test("is made with those above it, and says whether it is new", async () => {
    expect(await makeOwnFolder(inside("a", "b"))).toBe(true);
    expect(await makeOwnFolder(inside("a", "b"))).toBe(false);
  });

  test("that every user may write is refused, and so is one below such a folder", async () => {
    mkdirSync(inside("open", "below"), { recursive: true });
    chmodSync(inside("open"), 0o777);
    await expect(makeOwnFolder(inside("open"))).rejects.toThrow("every user may write into");
    await expect(makeOwnFolder(inside("open", "below"))).rejects.toThrow("every user may write into");
    // As in /tmp, nobody can remove what others own.
    chmodSync(inside("open"), 0o1777);
    await expect(makeOwnFolder(inside("open"))).rejects.toThrow("every user may write into");
    await expect(makeOwnFolder(inside("open", "below"))).resolves.toBe(false);
  });

  test.runIf(isRoot)(
    "that another user made is refused, and so is what leads there by his link",
    async () => {
      mkdirSync(inside("theirs"));
      chownSync(inside("theirs"), nobody, nobody);
      await expect(makeOwnFolder(inside("theirs"))).rejects.toThrow("belongs to another user (id 65534)");
      await expect(makeOwnFolder(inside("theirs", "below"))).rejects.toThrow("belongs to another user");
    },
  );
});

test("a link in a file's place is replaced, and what it leads to is left alone", async () => {
  writeFileSync(inside("precious"), "mine");
  symlinkSync(inside("precious"), inside("en.html"));
  expect(await isOwnFile(inside("en.html"))).toBe(false);
  await replaceFile(inside("en.html"), "page");
  expect(readFileSync(inside("precious"), "utf8")).toBe("mine");
  expect(lstatSync(inside("en.html")).isFile()).toBe(true);
  expect(await isOwnFile(inside("en.html"))).toBe(true);
  expect(readdirSync(folder).sort()).toEqual(["en.html", "precious"]);
});

test("what can't be written leaves nothing behind", async () => {
  mkdirSync(inside("en.html", "full"), { recursive: true });
  await expect(replaceFile(inside("en.html"), "page")).rejects.toThrow();
  expect(readdirSync(folder)).toEqual(["en.html"]);
  expect(existsSync(inside("en.html", "full"))).toBe(true);
});

test.each([
  ["win32", "EPERM", 3, "new"],
  ["win32", "ENOSPC", 1, "old"],
  ["linux", "EPERM", 1, "old"],
] as const)("on %s a rename refused with %s is tried %i times", async (platform, code, times, content) => {
  writeFileSync(inside("en.html"), "old");
  let tried = 0;
  const move = async (from: string, to: string): Promise<void> => {
    if (++tried < 3) throw Object.assign(new Error(code), { code });
    renameSync(from, to);
  };
  await replaceFile(inside("en.html"), "new", move, platform).catch(() => undefined);
  expect([tried, readFileSync(inside("en.html"), "utf8")]).toEqual([times, content]);
  expect(readdirSync(folder)).toEqual(["en.html"]);
});
