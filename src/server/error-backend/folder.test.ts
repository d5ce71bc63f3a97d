import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { startBackendInDeploy } from "../../../test/support/error-backend.ts";
import { languages } from "../../core/settings/page-options.ts";
import { isRelease } from "../../core/release.ts";
import { openFolder, toFileName } from "./folder.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "intermission-publish-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
});

const inside = (...names: readonly string[]): string => join(folder, ...names);

describe("what is published", () => {
  test("is there when the server answers, follows each change, and ends with it", async () => {
    const { intermission, backend } = await startBackendInDeploy({ publish: folder });
    await expect.poll(() => readdirSync(inside("release")), { timeout: 10_000 }).toEqual(["v1.1"]);
    expect(existsSync(inside("active"))).toBe(false);
    expect(readdirSync(inside("pages"))).toHaveLength(4 * languages.length);
    expect(readdirSync(inside("pages"))).toEqual(
      expect.arrayContaining(["en.html", "en.json", "en.txt", "en.xml", "pt-BR.html", "zh-Hant.json"]),
    );
    expect(readFileSync(inside("pages/de.txt"), "utf8")).toContain("Wir sind gleich zurück");
    expect(readFileSync(inside("pages/en.html"), "utf8")).toMatch(/^<!doctype html>/);

    const { id } = await intermission.openDeploy({ release: "v1.2", lease: 30_000, wait: false });
    await expect.poll(() => existsSync(inside("active")), { timeout: 10_000 }).toBe(true);
    expect(readdirSync(inside("release"))).toEqual([]);
    expect(JSON.parse(readFileSync(inside("state.json"), "utf8"))).toMatchObject({
      ...{ newest: "v1.2", deployOpen: true, active: true, regular: [] },
    });

    await intermission.closeDeploy({ id, outcome: "succeeded", wait: false });
    await expect.poll(() => existsSync(inside("active")), { timeout: 10_000 }).toBe(false);
    await expect.poll(() => readdirSync(inside("release")), { timeout: 10_000 }).toEqual(["v1.2"]);

    await intermission.switchOn({ mode: "errors", message: "Moving house.", wait: false });
    await expect.poll(() => existsSync(inside("active")), { timeout: 10_000 }).toBe(true);
    expect(readFileSync(inside("pages/en.txt"), "utf8")).toContain("Moving house.");

    await backend.close();
    expect(readdirSync(folder).sort()).toEqual([".intermission", "pages", "release"]);
  });

  test("of an earlier run is taken away", async () => {
    await openFolder(folder);
    writeFileSync(inside("release", "v0.1"), "");
    writeFileSync(inside("pages", "xx.html"), "");
    writeFileSync(inside("active"), "");
    await startBackendInDeploy({ publish: folder });
    await expect.poll(() => readdirSync(inside("release")), { timeout: 10_000 }).toEqual(["v1.1"]);
    expect(readdirSync(inside("pages"))).not.toContain("xx.html");
    expect(existsSync(inside("active"))).toBe(false);
  });
});

describe("a folder", () => {
  test("with files of others is refused, and left as it was", async () => {
    writeFileSync(inside("index.html"), "mine");
    await expect(openFolder(folder)).rejects.toMatchObject({ code: "bad-option" });
    expect(readdirSync(folder)).toEqual(["index.html"]);
  });

  test("that is a file is refused", async () => {
    writeFileSync(inside("file"), "");
    await expect(openFolder(inside("file"))).rejects.toMatchObject({ code: "bad-option" });
  });

  test("that has gone is made again", async () => {
    const { intermission, ask } = await startBackendInDeploy({ publish: folder });
    await expect.poll(() => readdirSync(inside("release")), { timeout: 10_000 }).toEqual(["v1.1"]);
    // The backend may be writing into it.
    rmSync(folder, { recursive: true, maxRetries: 20, retryDelay: 10 });
    await intermission.createRelease("v1.2", { wait: false });
    await expect.poll(() => existsSync(inside("state.json")), { timeout: 10_000 }).toBe(true);
    expect(readdirSync(folder).sort()).toEqual([".intermission", "pages", "release", "state.json"]);
    expect(readdirSync(inside("release"))).toEqual(["v1.2"]);
    expect((await ask("/a")).status).toBe(502);
  });
});

test("a release's file stays in its folder, whatever the release is called", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme" }),
      fc.constantFrom("", "../", "/", ".", ".."),
      (text, before) => {
        const release = before + text;
        fc.pre(isRelease(release));
        const name = toFileName(release);
        expect(name).toMatch(/^[^./][^/\\\0]*$/);
        expect(decodeURIComponent(name)).toBe(release);
      },
    ),
  );
});
