import { pathToFileURL } from "node:url";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { built } from "../../../test/support/built.ts";
import { storeContract } from "../../testing/index.ts";
import { loadDriver } from "./driver.ts";
import { sqliteStore } from "./index.ts";

const module = pathToFileURL(built("stores/sqlite/index.js"));

describe("the store contract", () => {
  const cases = storeContract({
    createPlace() {
      const folder = mkdtempSync(join(tmpdir(), "intermission-sqlite-"));
      const path = join(folder, "not", "there", "yet", "state.db");
      return {
        open: () => sqliteStore({ path }),
        argument: { path },
        isUntouched: async () => !existsSync(join(folder, "not")),
        async remove() {
          rmSync(folder, { recursive: true, force: true });
        },
      };
    },
    otherProcess: { module, exportName: "sqliteStore" },
    push: true,
    reports: true,
  });
  for (const { name, run } of cases) test(name, run);
});

describe("the options", () => {
  test("a path in memory is refused, with the store that was meant", () => {
    expect(() => sqliteStore(":memory:")).toThrow(/memory:/);
  });

  test("a path that is none is refused", () => {
    for (const path of ["", "a\0b", undefined, 7]) {
      expect(() => sqliteStore({ path: path as string })).toThrow(
        expect.objectContaining({ code: "bad-option" }) as Error,
      );
    }
  });
});

test("a table that was created since is not missed while another process has the file locked", async () => {
  const folder = mkdtempSync(join(tmpdir(), "intermission-sqlite-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const path = join(folder, "state.db");
  writeFileSync(path, "");
  const reader = sqliteStore({ path });
  const writer = sqliteStore({ path });
  // It reads the schema of an empty file.
  expect(await reader.read("default")).toMatchObject({ version: 0 });
  await writer.write("default", "v1", 0);
  const other = (await loadDriver())(path);
  other.exec("begin exclusive");
  const reading = reader.read("default");
  setTimeout(() => {
    other.exec("rollback");
  }, 50);
  expect(await reading).toMatchObject({ version: 1, value: "v1" });
  other.close();
  await Promise.all([reader.close(), writer.close()]);
});
