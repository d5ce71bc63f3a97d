import { pathToFileURL } from "node:url";
import { createPool as createCallbackPool } from "mysql2";
import { createPool } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { built } from "../../../test/support/built.ts";
import { describeWithServer } from "../../../test/servers/describe-with-server.ts";
import { isMariadbAvailable, startMariadb, type MariadbServer } from "../../../test/servers/mariadb.ts";
import { storeContract, type StoreContractSubject } from "../../testing/index.ts";
import { parseAddress } from "./address.ts";
import { mysqlStore } from "./index.ts";

const server = { available: isMariadbAvailable(), packageName: "mariadb-server" };

describeWithServer("a MySQL store", server, () => {
  let mariadb: MariadbServer;
  let places = 0;
  beforeAll(async () => {
    mariadb = await startMariadb();
  });
  afterAll(() => mariadb.stop());

  async function createPlace(): Promise<{ name: string; url: string; remove(): Promise<void> }> {
    const name = `place_${String(places++)}`;
    // A default that ignores case, as in most databases.
    await mariadb.query(`create database ${name} character set latin1 collate latin1_swedish_ci`);
    const url = new URL(mariadb.url);
    url.pathname = `/${name}`;
    return {
      name,
      url: url.href,
      async remove() {
        await mariadb.query(`drop database ${name}`);
      },
    };
  }

  describe("the store contract, by URL", () => {
    const subject: StoreContractSubject = {
      async createPlace() {
        const { name, url, remove } = await createPlace();
        return {
          open: () => mysqlStore({ url }),
          argument: { url },
          async isUntouched() {
            const tables = await mariadb.query(`show tables from ${name}`);
            return tables.length === 0;
          },
          remove,
        };
      },
      otherProcess: {
        module: pathToFileURL(built("stores/mysql/index.js")),
        exportName: "mysqlStore",
      },
      push: false,
      reports: true,
    };
    for (const { name, run } of storeContract(subject)) test(name, run);
  });

  // Pool options that could change what the store reads or writes.
  const pools: readonly (readonly [string, boolean, object])[] = [
    ["shared", false, {}],
    [
      "with options of its own",
      true,
      {
        charset: "latin1",
        flags: ["-FOUND_ROWS"],
        rowsAsArray: true,
        nestTables: true,
        typeCast: (field: { string(): string | null }) => field.string(),
        supportBigNumbers: true,
        bigNumberStrings: true,
        namedPlaceholders: true,
      },
    ],
  ];

  describe.each(pools)("the store contract, with the app's pool %s", (_, own, options) => {
    const subject: StoreContractSubject = {
      async createPlace() {
        const { url, remove } = await createPlace();
        const pool = createPool({ uri: url, connectionLimit: 4, ...options });
        return {
          open: () => mysqlStore({ pool, own }),
          async remove() {
            await pool.end();
            await remove();
          },
        };
      },
      push: false,
      reports: true,
    };
    for (const { name, run } of storeContract(subject)) test(name, run);
  });

  describe("with a pool of the app", () => {
    test("takes what mysql2 has, by its type, with promises and with callbacks", async () => {
      const { url, remove } = await createPlace();
      const promising = createPool(url);
      const calling = createCallbackPool(url);
      const [one, other] = [mysqlStore({ pool: promising }), mysqlStore({ pool: calling })];
      expect(await one.write("app", "value", 0)).toBe(true);
      expect(await other.read("app")).toMatchObject({ version: 1, value: "value" });
      await Promise.all([one.close(), other.close()]);
      await Promise.all([promising.end(), calling.promise().end()]);
      await remove();
    });

    test("leaves the pool open", async () => {
      const pool = createPool(mariadb.url);
      const store = mysqlStore({ pool });
      await store.read("app");
      await store.close();
      expect((await pool.query("select 1 as one"))[0]).toEqual([{ one: 1 }]);
      await pool.end();
    });

    test("refuses to write what would not be committed", async () => {
      const { url, remove } = await createPlace();
      const store = mysqlStore({ url });
      await store.migrate?.();
      const pool = createCallbackPool(url);
      pool.on("connection", (connection) => connection.query("set autocommit = 0", () => {}));
      const borrowing = mysqlStore({ pool, own: false });
      await expect(borrowing.write("app", "value", 0)).rejects.toMatchObject({
        code: "store-failed",
        got: expect.stringContaining("autocommit") as string,
      });
      expect((await store.read("app")).version).toBe(0);
      await Promise.all([store.close(), borrowing.close()]);
      await pool.promise().end();
      await remove();
    });
  });

  describe("with a place of its own", () => {
    test("has a row that people can read, in a collation that tells names apart", async () => {
      const { name, url, remove } = await createPlace();
      const store = mysqlStore({ url: url.replace("mysql:", "mariadb:") });
      await store.write("shop", '{"releases":[]}', 0, "v1.1");
      await store.close();
      expect(await mariadb.query(`select * from ${name}.intermission`)).toEqual([
        {
          app: "shop",
          version: 1,
          value: '{"releases":[]}',
          current_release: "v1.1",
          updated_at: expect.any(Date) as Date,
        },
      ]);
      expect(
        await mariadb.query(
          `select collation_name from information_schema.columns
           where table_schema = '${name}' and column_name = 'app'`,
        ),
      ).toEqual([{ collation_name: "utf8mb4_bin" }]);
      await remove();
    });

    test("tells the server's time, in whatever time zone it is", async () => {
      const { url, remove } = await createPlace();
      const pool = createCallbackPool(url);
      pool.on("connection", (connection) => connection.query("set time_zone = '+13:00'", () => {}));
      const store = mysqlStore({ pool, own: false });
      const before = Date.now();
      const missing = (await store.read("app")).now ?? 0;
      await store.write("app", "value", 0);
      const present = (await store.read("app", 1)).now ?? 0;
      const after = Date.now();
      for (const now of [missing, present]) {
        expect(now).toBeGreaterThan(before - 5);
        expect(now).toBeLessThan(after + 5);
      }
      await store.close();
      await pool.promise().end();
      await remove();
    });

    test("a user who may not make tables is told what to do, and may write once there is one", async () => {
      const { name, url, remove } = await createPlace();
      await mariadb.query("create user guest@'127.0.0.1'");
      await mariadb.query(`grant select, insert, update on ${name}.* to guest@'127.0.0.1'`);
      const guestUrl = new URL(url);
      guestUrl.username = "guest";
      guestUrl.password = "";
      const [owner, guest] = [mysqlStore({ url }), mysqlStore({ url: guestUrl.href })];
      expect(await guest.read("app")).toMatchObject({ version: 0 });
      await expect(guest.write("app", "value", 0)).rejects.toMatchObject({
        code: "store-failed",
        remedy: expect.stringContaining("intermission migrate") as string,
      });
      await owner.migrate?.();
      await guest.migrate?.();
      expect(await guest.write("app", "value", 0)).toBe(true);
      await Promise.all([owner.close(), guest.close()]);
      await mariadb.query("drop user guest@'127.0.0.1'");
      await remove();
    });
  });
});

describe("the options of a MySQL store", () => {
  test.each([
    [{}, "undefined"],
    [{ url: "postgres://user:secret@host/db" }, "postgres://…@host/db"],
    [{ url: "mysql://user:secret@host" }, "mysql://…@host"],
    [{ url: "mysql://user:sec%ret@host/db" }, "mysql://…@host/db"],
    [{ pool: 7 }, "7"],
    [{ pool: { query() {} } }, "an object"],
    [{ pool: { getConnection() {} }, url: "mysql://host/db" }, "both"],
  ])("that can't be used are refused: %o", (options, got) => {
    let thrown: unknown;
    try {
      mysqlStore(options as never);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: "bad-option", got: expect.stringContaining(got) as string });
  });

  const plain = { host: "host", port: 3306, user: "", password: "", database: "db" };
  test.each([
    ["mysql://host/db", plain],
    ["MariaDB://host/db", plain],
    [
      "mysql://u%40x:p%2Fw@[::1]:3307/d%20b",
      { host: "::1", port: 3307, user: "u@x", password: "p/w", database: "d b" },
    ],
    [
      "mysql:///db?socketPath=/run/mysqld.sock",
      { ...plain, host: "localhost", socketPath: "/run/mysqld.sock" },
    ],
    ["mysql://host/db?ssl-mode=REQUIRED", { ...plain, ssl: { rejectUnauthorized: false } }],
    ["mysql://host/db?ssl-mode=VERIFY_CA", { ...plain, ssl: { rejectUnauthorized: true } }],
    [
      "mysql://host/db?ssl-mode=VERIFY_IDENTITY",
      { ...plain, ssl: { rejectUnauthorized: true, verifyIdentity: true } },
    ],
    ["mysql://host/db?ssl-mode=PREFERRED", plain],
    ['mysql://host/db?ssl={"rejectUnauthorized":false}', { ...plain, ssl: { rejectUnauthorized: false } }],
    [
      "mysql://host/db?ssl=true&connection_limit=5",
      { ...plain, ssl: { rejectUnauthorized: true, verifyIdentity: true } },
    ],
    [
      'mysql://host/db?ssl={"ca":"PEM","verifyIdentity":true}',
      { ...plain, ssl: { rejectUnauthorized: true, verifyIdentity: true, ca: "PEM" } },
    ],
    ["mysql://host/db?sslmode=require", { ...plain, ssl: { rejectUnauthorized: false } }],
    [
      "mysql://host/db?ssl-mode=VERIFY_FULL",
      { ...plain, ssl: { rejectUnauthorized: true, verifyIdentity: true } },
    ],
    [
      "mysql://host/db?sslaccept=strict",
      { ...plain, ssl: { rejectUnauthorized: true, verifyIdentity: true } },
    ],
    ["mysql://host/db?ssl=0", plain],
    [
      "mysql://user:p%40ss@[::1]:3307/db",
      { ...plain, user: "user", password: "p@ss", host: "::1", port: 3307 },
    ],
  ])("say where the server is: %s", (url, address) => {
    expect(parseAddress(url)).toEqual(address);
  });

  test.each([
    ["mysql://u:secret@host/db?useSSL=true", /useSSL/],
    ["mysql://u:secret@host/db?sslcert=/ca.pem", /sslcert/],
    ["mysql://u:secret@host/db?ssl-mode=SOMEHOW", /ssl-mode/],
    ['mysql://u:secret@host/db?ssl={"servername":"x"}', /servername/],
    ["mysql://u:secret@host/db?ssl-ca=/no/such/file.pem", /ssl-ca/],
    ["mysql://u:secret@one,two/db", /one/],
  ])("are refused where they ask for what would not be done: %s", (url, remedy) => {
    expect(() => parseAddress(url)).toThrow(remedy);
    expect(() => parseAddress(url)).not.toThrow(/secret/);
  });
});
