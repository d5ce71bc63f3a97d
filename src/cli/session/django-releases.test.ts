import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { startSilentServer } from "../../../test/servers/silent-server.ts";
import { loadDriver } from "../../stores/sqlite/driver.ts";
import { readDjangoReleases } from "./django-releases.ts";

/** As created by Django 3.2. */
const table = `create table "django_maintenance_page_release" (
  "id" integer not null primary key autoincrement,
  "identifier" varchar(127) not null unique,
  "timestamp" datetime not null
)`;

let path: string;
beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), "intermission-django-releases-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  path = join(folder, "db.sqlite3");
});

async function fill(...rows: readonly (readonly [identifier: string, timestamp: string])[]): Promise<void> {
  const connection = (await loadDriver())(path);
  connection.exec(table);
  const insert = connection.prepare(
    `insert into django_maintenance_page_release (identifier, "timestamp") values (?, ?)`,
  );
  for (const row of rows) insert.run(...row);
  connection.close();
}

describe("readDjangoReleases", () => {
  test("goes by the timestamps, and where they are the same by what was written later", async () => {
    await fill(
      ["late", "2018-03-01 00:00:00"],
      ["first", "2018-02-14 11:23:45.123456"],
      ["later", "2018-03-01 00:00:00"],
    );
    expect(await readDjangoReleases(`sqlite:${path}`)).toEqual([
      { identifier: "first", at: Date.UTC(2018, 1, 14, 11, 23, 45, 123) },
      { identifier: "late", at: Date.UTC(2018, 2, 1) },
      { identifier: "later", at: Date.UTC(2018, 2, 1) },
    ]);
  });

  test("takes the newest thousand", async () => {
    await fill(
      ...Array.from(
        { length: 1005 },
        (_, index) => [`v${String(index)}`, new Date(index * 1000).toISOString().replace("T", " ")] as const,
      ),
    );
    const releases = await readDjangoReleases(`sqlite:${path}`);
    expect(releases).toHaveLength(1000);
    expect(releases[0]).toEqual({ identifier: "v5", at: 5000 });
  });

  test("a time that is none is said to be none", async () => {
    await fill(["v1", "yesterday"]);
    expect(await readDjangoReleases(`sqlite:${path}`)).toEqual([{ identifier: "v1", at: Number.NaN }]);
  });

  test("makes no file, and says that there is none", async () => {
    await expect(readDjangoReleases(`sqlite:${path}`)).rejects.toMatchObject({ code: "store-failed" });
    expect(existsSync(path)).toBe(false);
  });

  test("a database without the table is told from one that can't be read", async () => {
    (await loadDriver())(path).exec("create table other (id integer)");
    await expect(readDjangoReleases(`sqlite:${path}`)).rejects.toMatchObject({
      problem: expect.stringContaining("There is no table") as string,
      remedy: expect.stringContaining("--database") as string,
    });
  });

  test.each(["oracle://u:hush-hush@host/shop", "mysql://u:hush-hush@host", "constructor:x", ""])(
    "%j is no database that it can read",
    async (url) => {
      const error: unknown = await readDjangoReleases(url).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: "bad-option" });
      expect((error as Error).message).not.toContain("hush");
    },
  );

  test.each(["postgres", "mysql"])("%s that does not answer is given up in 6 s", async (scheme) => {
    const silent = await startSilentServer();
    onTestFinished(() => silent.stop());
    const begunAt = performance.now();
    await expect(
      readDjangoReleases(`${scheme}://u@127.0.0.1:${String(silent.port)}/shop`),
    ).rejects.toMatchObject({ code: "store-failed" });
    expect(performance.now() - begunAt).toBeLessThan(6000);
  });
});
