import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "vitest";
import { storeContract } from "../../testing/index.ts";
import { sqliteStore } from "./index.ts";

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
    otherProcess: {
      module: new URL("../../../dist/stores/sqlite/index.js", import.meta.url),
      exportName: "sqliteStore",
    },
    push: false,
  });
  for (const { name, run } of cases) test(name, run);
});
