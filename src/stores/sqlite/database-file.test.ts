import { pathToFileURL } from "node:url";
import { spawnSync } from "node:child_process";
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
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { built } from "../../../test/support/built.ts";
import type { Store } from "../../core/ports.ts";
import { openStore } from "../open.ts";
import { loadDriver } from "./driver.ts";
import { sqliteStore } from "./index.ts";

const module = pathToFileURL(built("stores/sqlite/index.js"));

describe("the file", () => {
  let folder: string;
  let path: string;
  const opened: Store[] = [];
  const open = (file = path): Store => {
    const store = sqliteStore({ path: file });
    opened.push(store);
    return store;
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "intermission-sqlite-"));
    path = join(folder, "state.db");
  });
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test("may be named by a text alone, relative to the working directory", async () => {
    const store = sqliteStore(relative(process.cwd(), path));
    opened.push(store);
    await store.write("app", "value", 0);
    expect(existsSync(path)).toBe(true);
  });

  test("is for its owner alone, and a folder that is made for it is left out of version control", async () => {
    const folder = mkdtempSync(join(tmpdir(), "intermission-sqlite-"));
    const path = join(folder, ".intermission", "state.db");
    const store = sqliteStore({ path });
    await store.write("shop", "{}", 0);
    await store.close();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(folder, ".intermission", ".gitignore"), "utf8")).toBe("*\n");
    // Rights that people have granted since must stay.
    chmodSync(path, 0o660);
    const again = sqliteStore({ path });
    await again.write("shop", "{}", 1);
    await again.close();
    expect(statSync(path).mode & 0o777).toBe(0o660);
    rmSync(folder, { recursive: true });
  });

  test.runIf(process.getuid?.() === 0)("of root, in a folder of another user, is that user's", async () => {
    chownSync(folder, 65_534, 65_533);
    const store = openStore(`sqlite:${path}`);
    await store.write("shop", "{}", 0);
    await store.reports?.put("shop", "id", "{}", 60_000);
    const names = readdirSync(folder);
    expect(names.length).toBeGreaterThan(1);
    for (const name of names)
      expect(statSync(join(folder, name))).toMatchObject({ uid: 65_534, gid: 65_533 });
    await store.close();
  });

  test.runIf(process.getuid?.() === 0)("of a root that may not give files away stays root's", () => {
    chmodSync(folder, 0o777);
    chownSync(folder, 65_534, 65_533);
    const program = `
      const { sqliteStore } = await import(${JSON.stringify(module.href)});
      const store = sqliteStore(${JSON.stringify(path)});
      console.log(await store.write("app", "value", 0));
      await store.close();`;
    const words = ["--bounding-set", "-chown", process.execPath, "--input-type=module", "--eval", program];
    const { stdout, stderr } = spawnSync("setpriv", words, { encoding: "utf8", cwd: process.cwd() });
    expect({ stdout, stderr }).toEqual({
      stdout: "true\n",
      stderr: expect.not.stringMatching(/error/i) as string,
    });
    expect(statSync(path).uid).toBe(0);
  });

  test("is its group's too if that is asked for, whatever the umask", async () => {
    const folder = mkdtempSync(join(tmpdir(), "intermission-sqlite-"));
    const path = join(folder, "shared", "state.db");
    const umask = process.umask(0o077);
    onTestFinished(() => void process.umask(umask));
    const store = openStore(`sqlite:${path}?group=true`);
    await store.write("shop", "{}", 0);
    await store.reports?.put("shop", "id", "{}", 60_000);
    await store.close();
    for (const file of [path, `${path}-reports`]) expect(statSync(file).mode & 0o777).toBe(0o660);
    expect(statSync(join(folder, "shared")).mode & 0o7777).toBe(0o2770);
    rmSync(folder, { recursive: true });
  });

  test("has a row that people can read", async () => {
    await open().write("app", '{"releases":[]}', 0, "v1.1");
    const connection = (await loadDriver())(path);
    const [row] = connection.prepare("select * from intermission").all();
    connection.close();
    expect(row).toMatchObject({ app: "app", version: 1, value: '{"releases":[]}', current_release: "v1.1" });
    expect((row as { updated_at: string }).updated_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  test("keeps no other file beside it", async () => {
    const store = open();
    await store.write("app", "value", 0);
    await store.read("app");
    expect(readdirSync(folder)).toEqual(["state.db"]);
  });

  test("that is deleted under an open store reads as empty, and can be written again", async () => {
    const store = open();
    await store.write("app", "old", 0);
    rmSync(path);
    expect(await store.read("app")).toEqual({ version: 0, now: expect.any(Number) as number });
    expect(existsSync(path)).toBe(false);
    expect(await store.write("app", "new", 0)).toBe(true);
    expect((await open().read("app")).value).toBe("new");
  });

  test("that is replaced by another under an open store is read anew", async () => {
    const other = join(folder, "other.db");
    await open(other).write("app", "other", 0);
    const store = open();
    await store.write("app", "old", 0);
    renameSync(other, path);
    expect((await store.read("app", 5)).value).toBe("other");
    expect(await store.write("app", "newer", 1)).toBe(true);
    expect((await open().read("app")).value).toBe("newer");
  });

  test("that is empty, or has tables of others alone, reads as empty", async () => {
    writeFileSync(path, "");
    expect(await open().read("app")).toEqual({ version: 0, now: expect.any(Number) as number });
    const connection = (await loadDriver())(path);
    connection.exec("create table other (id integer)");
    connection.close();
    const store = open();
    expect(await store.read("app")).toEqual({ version: 0, now: expect.any(Number) as number });
    expect(await store.write("app", "value", 0)).toBe(true);
  });

  test("that is no SQLite file is left as it is, with an error that names it", async () => {
    writeFileSync(path, "something else ".repeat(100));
    for (const operation of [open().read("app"), open().write("app", "value", 0)]) {
      await expect(operation).rejects.toMatchObject({
        name: "IntermissionError",
        code: "store-failed",
        message: expect.stringContaining("state.db") as string,
        got: "file is not a database",
      });
    }
  });

  test("whose folder can't be made is an error that names it", async () => {
    writeFileSync(join(folder, "file"), "");
    const store = open(join(folder, "file", "state.db"));
    await expect(store.write("app", "value", 0)).rejects.toMatchObject({ code: "store-failed" });
    await expect(store.read("app")).rejects.toMatchObject({ code: "store-failed" });
  });

  test("locked by another process for a while is read and written when it is free", async () => {
    const store = open();
    await store.write("app", "one", 0);
    const holder = (await loadDriver())(path);
    holder.exec("begin exclusive");
    let settled = 0;
    const operations = [store.read("app"), store.write("app", "two", 1)];
    for (const operation of operations) void operation.then(() => settled++);
    // The app goes on meanwhile: its timers fire.
    for (let turns = 0; turns < 5; turns++) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(settled).toBe(0);
    holder.exec("commit");
    holder.close();
    expect(await Promise.all(operations)).toMatchObject([{ version: expect.any(Number) as number }, true]);
  });

  test("keeps what is written while another write waits for a lock", async () => {
    // libsql leaves a statement that met a lock unfinished; see transact().
    const store = open();
    await store.migrate?.();
    const holder = (await loadDriver())(path);
    holder.exec("begin immediate");
    holder.exec("insert into intermission (app, version, value) values ('app', 1, 'one')");
    const waiting = store.write("app", "late", 0);
    holder.exec("commit");
    expect(await store.write("app", "two", 1)).toBe(true);
    expect(holder.prepare("select value from intermission").all()).toMatchObject([{ value: "two" }]);
    expect(await waiting).toBe(false);
    expect(holder.prepare("select value from intermission").all()).toMatchObject([{ value: "two" }]);
    holder.close();
  });

  test("locked for good is an error in the end, and leaves the process to the app meanwhile", async () => {
    const store = open();
    await store.write("app", "one", 0);
    const holder = (await loadDriver())(path);
    holder.exec("begin exclusive");
    const before = performance.eventLoopUtilization();
    const startedAt = performance.now();
    const locked = { code: "store-failed", got: "database is locked" };
    await Promise.all([
      expect(store.read("app")).rejects.toMatchObject(locked),
      expect(store.read("app")).rejects.toMatchObject(locked),
      expect(store.read("app")).rejects.toMatchObject(locked),
    ]);
    expect(performance.now() - startedAt).toBeLessThan(2500);
    await expect(store.write("app", "two", 1)).rejects.toMatchObject(locked);
    expect(performance.now() - startedAt).toBeLessThan(7500);
    expect(performance.eventLoopUtilization(before).utilization).toBeLessThan(0.4);
    holder.exec("rollback");
    holder.close();
    expect((await store.read("app")).value).toBe("one");
  });

  test.runIf(process.getuid?.() === 0)(
    "of another user can be read, and says what is missing to be written",
    async () => {
      const shared = join(folder, "shared");
      mkdirSync(shared);
      await open(join(shared, "state.db")).write("app", "value", 0);
      chmodSync(folder, 0o755);
      chmodSync(shared, 0o755);
      chmodSync(join(shared, "state.db"), 0o644);
      const own = join(folder, "own");
      mkdirSync(own);
      chownSync(own, 65_534, 65_534);
      const program = `
      const { sqliteStore } = await import(${JSON.stringify(module.href)});
      const store = sqliteStore(${JSON.stringify(join(shared, "state.db"))});
      const read = await store.read("app");
      const refused = await store.write("app", "other", 1).catch((error) => error);
      console.log(JSON.stringify({ read, code: refused.code, message: refused.message, after: await store.read("app") }));
    `;
      const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
        uid: 65_534,
        gid: 65_534,
        cwd: own,
        encoding: "utf8",
      });
      expect(stderr).toBe("");
      expect(JSON.parse(stdout)).toMatchObject({
        read: { version: 1, value: "value" },
        code: "store-failed",
        message: expect.stringContaining("readonly database") as string,
        after: { version: 1, value: "value" },
      });
    },
  );
});
