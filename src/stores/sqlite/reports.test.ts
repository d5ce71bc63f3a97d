import { pathToFileURL } from "node:url";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { built } from "../../../test/support/built.ts";
import type { Store } from "../../core/ports.ts";
import { loadDriver } from "./driver.ts";
import { sqliteStore } from "./index.ts";

const minute = 60_000;
let folder: string;
let path: string;
let store: Store;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "intermission-sqlite-reports-"));
  path = join(folder, "state.db");
  store = sqliteStore({ path });
  await store.write("app", "value", 0);
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

test("reports are in a file of their own, and the record's is left as it is", async () => {
  const before = statSync(path, { bigint: true });
  await store.reports?.put("app", "id", "report", minute);
  const after = statSync(path, { bigint: true });
  expect([after.mtimeNs, after.size]).toEqual([before.mtimeNs, before.size]);
  expect(existsSync(`${path}-reports`)).toBe(true);
});

test("a migration makes no file of reports: who reports makes it, and then may write it", async () => {
  await store.migrate?.();
  expect(existsSync(`${path}-reports`)).toBe(false);
});

test("a file that is away is not made anew, nor its folder", async () => {
  rmSync(folder, { recursive: true });
  await expect(store.reports?.put("app", "id", "report", minute)).rejects.toMatchObject({
    code: "store-failed",
  });
  expect(existsSync(folder)).toBe(false);
});

test("reports that are past their time are deleted in passing", async () => {
  await store.reports?.put("app", "new", "new", minute);
  const connection = (await loadDriver())(`${path}-reports`);
  connection.exec(`insert into intermission_report
    with recursive n(n) as (select 1 union all select n + 1 from n where n < 250)
    select 'gone', 'old ' || n, 'old', 0, 1 from n`);
  const count = connection.prepare("select count(*) as n from intermission_report");
  for (let puts = 0; puts < 5000 && (count.all()[0] as { n: number }).n > 1; puts++) {
    await store.reports?.put("app", "new", "new", minute);
  }
  expect(count.all()).toEqual([{ n: 1 }]);
  connection.close();
});

test("who may not write the folder is denied, and may go on to read", async () => {
  chmodSync(folder, 0o755);
  chmodSync(path, 0o644);
  const program = join(folder, "reader.mjs");
  const module = pathToFileURL(built("stores/sqlite/index.js")).href;
  writeFileSync(
    program,
    `import { sqliteStore } from ${JSON.stringify(module)};
     const store = sqliteStore(${JSON.stringify(path)});
     const { code } = await store.reports.put("app", "id", "report", 60000).catch((error) => error);
     console.log(code, (await store.read("app")).value);`,
  );
  const options = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  if (process.getuid?.() !== 0) chmodSync(folder, 0o555);
  const { stdout, stderr } = spawnSync(process.execPath, [program], { encoding: "utf8", ...options });
  expect(stdout + stderr).toBe("store-denied value\n");
});
