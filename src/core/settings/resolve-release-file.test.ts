import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { resolveSettings } from "./resolve.ts";

const folder = mkdtempSync(join(tmpdir(), "intermission-release-file-"));
const path = join(folder, "REVISION");
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function releaseOf(text: string, environment: Record<string, string> = {}): string | undefined {
  writeFileSync(path, text);
  return resolveSettings({}, { MAINTENANCE_PAGE_RELEASE_FILE: path, ...environment }).release?.id;
}

describe("a release file", () => {
  test.each([
    ["v1.1\n", "v1.1"],
    ["\ufeff  v1.1 \r\nsecond line\r\n", "v1.1"],
    [`3f2c1e9\n${"x".repeat(100_000)}`, "3f2c1e9"],
  ])("%j: its first line is the release", (text, release) => {
    expect(releaseOf(text)).toBe(release);
  });

  test("comes after the variable of the same name, and before what the platform says", () => {
    expect(releaseOf("v1.1", { MAINTENANCE_PAGE_RELEASE: "v2" })).toBe("v2");
    expect(releaseOf("v1.1", { FLY_IMAGE_REF: "fly" })).toBe("v1.1");
    expect(releaseOf("v1.1", { MAINTENANCE_PAGE_RELEASE: " " })).toBe("v1.1");
  });

  test("is that of the release variable which was named, or of the option", () => {
    writeFileSync(path, "v3");
    expect(resolveSettings({ releaseVariable: "TAG" }, { TAG_FILE: path }).release?.id).toBe("v3");
    expect(resolveSettings({ releaseFile: path }, {}).release).toEqual({ id: "v3", source: path });
    expect(resolveSettings({ releaseFile: path, release: "v4" }, {}).release?.id).toBe("v4");
  });

  test("that is empty, missing or a folder gives no release, and says which it is", () => {
    for (const [file, text, problem] of [
      [path, "", "an empty first line"],
      [path, "\nv1.1", "an empty first line"],
      [join(folder, "missing"), "", "ENOENT"],
      [folder, "", "EISDIR"],
    ] as const) {
      if (file === path) writeFileSync(path, text);
      const settings = resolveSettings({ releaseFile: file }, { FLY_IMAGE_REF: "fly" });
      expect(settings.release).toBeUndefined();
      expect(settings.releaseProblem).toContain(problem);
      expect(settings.releaseProblem).toContain(JSON.stringify(file).slice(-10));
    }
  });

  test("whose line can't be a release is refused by its name", () => {
    expect(() => releaseOf("x".repeat(200))).toThrow(/REVISION.*200 characters/);
  });
});
