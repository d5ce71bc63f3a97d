import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { Client } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { runCli, temporaryFolder, type CliResult } from "../cli/run-cli.ts";
import { describeWithServer } from "../servers/describe-with-server.ts";
import { isMariadbAvailable, startMariadb, type MariadbServer } from "../servers/mariadb.ts";
import { isPostgresAvailable, startPostgres, type PostgresServer } from "../servers/postgres.ts";
import { canImport, python } from "./python.ts";

const run = promisify(execFile);
const script = resolve(import.meta.dirname, "python/old_releases.py");

type Rows = readonly (readonly [identifier: string, timestamp: string])[];

/** In the order written: v1.2 before v1.1, whose clock was ahead. */
const rows: Rows = [
  ["v1.0", "2018-02-14T11:23:45.123456+00:00"],
  ["v1.2", "2018-03-01T00:00:00+00:00"],
  ["v1.1", "2018-02-20T08:00:00.5+00:00"],
];

const expected = [
  { id: "v1.2", at: "2018-03-01T00:00:00.000Z" },
  { id: "v1.1", at: "2018-02-20T08:00:00.500Z" },
  { id: "v1.0", at: "2018-02-14T11:23:45.123Z" },
];

/** East of Greenwich, and without times in UTC. */
const tokyo = { TIME_ZONE: "Asia/Tokyo" };

/** Lets Django create and fill the table. */
async function fill(
  engine: "postgresql" | "mysql" | "sqlite3",
  address: URL | string,
  given: Rows = rows,
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  const at =
    typeof address === "string"
      ? [address, "", "", ""]
      : [address.pathname.slice(1), address.hostname, address.port, address.username];
  await run(python, [script, engine, ...at, JSON.stringify(given)], { env: { ...process.env, ...env } });
}

let cwd: string;
beforeEach(() => {
  cwd = temporaryFolder();
});

function cli(words: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CliResult> {
  return runCli(words, { cwd, env });
}

async function json(words: readonly string[], env?: Readonly<Record<string, string>>): Promise<unknown> {
  const { exitCode, stdout, stderr } = await cli([...words, "--json"], env);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 });
  return JSON.parse(stdout);
}

describeWithServer(
  "import-django from PostgreSQL",
  {
    available: isPostgresAvailable() && canImport("django, psycopg2"),
    packageName: "postgresql python3-django python3-psycopg2",
  },
  () => {
    let postgres: PostgresServer;
    beforeAll(async () => {
      postgres = await startPostgres();
    });
    afterAll(() => postgres.stop());

    test("carries the history over, into a store in the same database", async () => {
      await fill("postgresql", new URL(postgres.url));
      const env = { DATABASE_URL: postgres.url };
      expect(await json(["import-django", "--dry-run"], env)).toMatchObject({
        outcome: "would-import",
        imported: expected,
      });
      expect(await json(["releases"], env)).toMatchObject({ releases: [] });
      expect(await json(["import-django"], env)).toEqual({
        app: "default",
        outcome: "imported",
        found: 3,
        imported: expected,
        currentRelease: "v1.2",
      });
      expect(await json(["releases"], env)).toMatchObject({ releases: expected, currentRelease: "v1.2" });
      expect(await json(["rollback", "--no-wait"], env)).toMatchObject({ release: "v1.1" });
    });

    test("keeps the time zone, so USE_TZ = False changes nothing", async () => {
      await postgres.query("create database naive");
      const url = postgres.url.replace(/postgres$/, "naive");
      await fill("postgresql", new URL(url), rows, tokyo);
      expect(await json(["import-django", "--database", url])).toMatchObject({ imported: expected });
    });

    test("without a time zone in the column, --time-zone tells it", async () => {
      await postgres.query("create database unzoned");
      const url = postgres.url.replace(/postgres$/, "unzoned");
      await fill("postgresql", new URL(url));
      const client = new Client({ connectionString: url });
      await client.connect();
      await client.query(`alter table django_maintenance_page_release
        alter "timestamp" type timestamp using "timestamp" at time zone 'Asia/Tokyo'`);
      await client.end();
      const words = ["import-django", "--database", url, "--time-zone", "Asia/Tokyo"];
      expect(await json(words)).toMatchObject({ imported: expected });
    });

    test("a table that somebody has locked is given up", async () => {
      await postgres.query("create database locked");
      const url = postgres.url.replace(/postgres$/, "locked");
      await fill("postgresql", new URL(url));
      const holder = new Client({ connectionString: url });
      await holder.connect();
      try {
        await holder.query("begin; lock table django_maintenance_page_release");
        const { exitCode, stderr } = await cli(["import-django", "--database", url]);
        expect(exitCode).toBe(1);
        expect(stderr).toContain("could not be read");
      } finally {
        await holder.end();
      }
    });

    test("a database without the table is one clear line", async () => {
      await postgres.query("create database other");
      const url = postgres.url.replace(/postgres$/, "other");
      const { exitCode, stdout, stderr } = await cli(["import-django", "--database", url]);
      expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
      expect(stderr).toMatch(/^intermission: There is no table django_maintenance_page_release in .+\n$/);
    });
  },
);

describeWithServer(
  "import-django from MariaDB",
  {
    available: isMariadbAvailable() && canImport("django, pymysql"),
    packageName: "mariadb-server python3-django python3-pymysql",
  },
  () => {
    let mariadb: MariadbServer;
    beforeAll(async () => {
      mariadb = await startMariadb();
    });
    afterAll(() => mariadb.stop());

    test("carries the history over", async () => {
      await fill("mysql", new URL(mariadb.url));
      const env = { DATABASE_URL: mariadb.url };
      expect(await json(["import-django"], env)).toMatchObject({
        imported: expected,
        currentRelease: "v1.2",
      });
      expect(await json(["releases"], env)).toMatchObject({ releases: expected });
    });

    test("with USE_TZ = False, --time-zone tells the zone of its times", async () => {
      await mariadb.query("create database naive");
      const url = mariadb.url.replace(/intermission$/, "naive");
      await fill("mysql", new URL(url), rows, tokyo);
      const words = ["import-django", "--database", url, "--time-zone", "Asia/Tokyo"];
      expect(await json(words)).toMatchObject({ imported: expected });
    });

    test("a database without the table is one clear line", async () => {
      await mariadb.query("create database other");
      const url = mariadb.url.replace(/intermission$/, "other");
      const { exitCode, stderr } = await cli(["import-django", "--database", url]);
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(/^intermission: There is no table django_maintenance_page_release in .+\n$/);
    });
  },
);

describeWithServer(
  "import-django from SQLite",
  { available: canImport("django"), packageName: "python3-django" },
  () => {
    const words = ["import-django", "--database", "sqlite:db.sqlite3"];

    test("carries the history over, and a second time nothing", async () => {
      await fill("sqlite3", join(cwd, "db.sqlite3"));
      expect(await json(words)).toMatchObject({ outcome: "imported", imported: expected });
      expect(await json(words)).toMatchObject({
        outcome: "nothing-new",
        imported: [],
        currentRelease: "v1.2",
      });
      expect(await json(["releases"])).toMatchObject({ releases: expected });
      expect((await cli(["history"])).stdout).toMatch(/import-django, 3 releases/);
    });

    test("with USE_TZ = False, --time-zone tells the zone, in summer and in winter", async () => {
      const given: Rows = [...rows, ["v1.3", "2018-07-01T12:00:00+00:00"]];
      await fill("sqlite3", join(cwd, "db.sqlite3"), given, { TIME_ZONE: "Europe/Berlin" });
      expect(await json([...words, "--time-zone", "Europe/Berlin"])).toMatchObject({
        imported: [{ id: "v1.3", at: "2018-07-01T12:00:00.000Z" }, ...expected],
      });
    });

    test("a time from the future is refused, with what to do, until the zone is given", async () => {
      const given: Rows = [
        ...rows,
        ["v1.3", new Date(Date.now() - 60_000).toISOString().replace("Z", "+00:00")],
      ];
      await fill("sqlite3", join(cwd, "db.sqlite3"), given, tokyo);
      await cli(["create-release", "v2.0", "--no-wait"]);
      const refused = await cli(words);
      expect(refused).toMatchObject({ exitCode: 1, stdout: "" });
      expect(refused.stderr).toMatch(/"v1\.3", is from the future.*--time-zone Asia\/Tokyo/);
      const forced = await cli([...words, "--time-zone", "UTC", "--dry-run"]);
      expect(forced.stderr).toContain("Left out: v1.3, recorded in Django after the first release here.");
      expect(await json([...words, "--time-zone", "Asia/Tokyo"])).toMatchObject({ outcome: "imported" });
      expect(await json(["rollback", "--no-wait"])).toMatchObject({ release: "v1.3" });
    });

    test("puts what it finds before what is recorded, and says that the current release stays", async () => {
      await fill("sqlite3", join(cwd, "db.sqlite3"));
      await cli(["create-release", "v2.0", "--no-wait"]);
      const { exitCode, stdout, stderr } = await cli(words);
      expect(exitCode).toBe(0);
      expect(stdout).toMatch(
        /^Carried over 3 of 3 releases:\nv1\.2 .+\nv1\.1 .+\nv1\.0 .+\n.+ is v2\.0\.\n$/,
      );
      expect(stderr).toContain("the newest in Django's table is v1.2, and the current release is v2.0");
      expect(await json(["rollback", "--no-wait"])).toMatchObject({ release: "v1.2" });
    });

    test("leaves out what can't be a release here, and says so", async () => {
      await fill("sqlite3", join(cwd, "db.sqlite3"), [...rows, ["", rows[0]![1]], ["a\nb", rows[1]![1]]]);
      const { stdout, stderr } = await cli(words);
      expect(stdout).toContain("Carried over 3 of 5 releases");
      expect(stderr).toContain("Left out: 2 whose identifier or time can't be used here.");
    });

    test("a table without releases is nothing to do", async () => {
      await fill("sqlite3", join(cwd, "db.sqlite3"), []);
      expect(await json(words)).toMatchObject({ outcome: "nothing-new", found: 0, currentRelease: null });
      expect(existsSync(join(cwd, ".intermission"))).toBe(false);
    });
  },
);

describe("import-django", () => {
  test.each([
    [["--database", "sqlite:missing.sqlite3"], 1, 'There is no file "missing.sqlite3"'],
    [["--database", "postgres://u:hush-hush@127.0.0.1:1/shop"], 1, "could not be read"],
    [["--database", "mysql://u:hush-hush@127.0.0.1:1/shop"], 1, "could not be read"],
    [["--database", "oracle://u:hush-hush@host/shop"], 2, "can't be used"],
    [["--database", "mysql://host"], 2, "can't be used"],
    [["--database", "sqlite:missing.sqlite3", "--time-zone", "Asia/Nowhere"], 2, "Expected a time zone"],
    [[], 2, "Name Django's database"],
  ])("%j: a clear line, and nothing is made", async (words, exitCode, sentence) => {
    const result = await cli(["import-django", ...words]);
    expect(result).toMatchObject({ exitCode, stdout: "" });
    expect(result.stderr).toContain(sentence);
    expect(result.stderr).not.toContain("hush");
    expect(existsSync(join(cwd, "missing.sqlite3"))).toBe(false);
    expect(existsSync(join(cwd, ".intermission"))).toBe(false);
  });
});
