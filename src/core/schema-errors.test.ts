import Database from "libsql";
import fc from "fast-check";
import { createConnection } from "mysql2/promise";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeWithServer } from "../../test/servers/describe-with-server.ts";
import { isMariadbAvailable, startMariadb, type MariadbServer } from "../../test/servers/mariadb.ts";
import { isPostgresAvailable, startPostgres, type PostgresServer } from "../../test/servers/postgres.ts";
import { schemaErrors } from "./schema-errors.ts";

async function errorOf(work: () => unknown): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new Error("it went well");
}

describeWithServer("PostgreSQL", { available: isPostgresAvailable(), packageName: "postgresql" }, () => {
  let server: PostgresServer;
  let client: Client;
  beforeAll(async () => {
    server = await startPostgres();
    client = new Client({ connectionString: server.url });
    await client.connect();
    await client.query("create type size as enum ('s', 'm'); create table book (title text, size size)");
  });
  afterAll(async () => {
    await client.end();
    await server.stop();
  });

  test.each([
    "select author from book",
    "select * from author",
    "select 'x'::colour",
    "select shelve('x')",
    "insert into book (writer) values ('x')",
    "select * from book where size = 'xxl'",
    "select * from shop.book",
  ])("did not know what %s asks for", async (sql) => {
    expect(schemaErrors(await errorOf(() => client.query(sql)))).toBe(true);
  });

  test("has a plan that fits no more", async () => {
    const query = { name: "all", text: "select * from book" };
    await client.query(query);
    await client.query("alter table book add column pages integer");
    expect(schemaErrors(await errorOf(() => client.query(query)))).toBe(true);
  });

  test.each(["select 1 / 0", "select 'x'::integer", "selec 1", "select pg_sleep('x')"])(
    "fails at %s for another reason",
    async (sql) => {
      expect(schemaErrors(await errorOf(() => client.query(sql)))).toBe(false);
    },
  );
});

describeWithServer("MariaDB", { available: isMariadbAvailable(), packageName: "mariadb-server" }, () => {
  let server: MariadbServer;
  let query: (sql: string) => Promise<unknown>;
  let end: () => Promise<void>;
  beforeAll(async () => {
    server = await startMariadb();
    const connection = await createConnection(server.url);
    query = (sql) => connection.query(sql);
    end = () => connection.end();
    await query("create table book (title text, size enum('s', 'm'))");
  });
  afterAll(async () => {
    await end();
    await server.stop();
  });

  test.each([
    "select author from book",
    "select * from author",
    "insert into book (writer) values ('x')",
    "insert into book (size) values ('xxl')",
    "call tidy()",
  ])("did not know what %s asks for", async (sql) => {
    expect(schemaErrors(await errorOf(() => query(sql)))).toBe(true);
  });

  test.each(["selec 1", "kill 99999999"])("fails at %s for another reason", async (sql) => {
    expect(schemaErrors(await errorOf(() => query(sql)))).toBe(false);
  });
});

describe("SQLite", () => {
  const database = new Database(":memory:");
  database.exec("create table book (title text unique)");

  test.each([
    "select author from book",
    "select * from author",
    "insert into book (writer) values ('x')",
    "insert into book values ('x', 'y')",
    "select shelve('x')",
  ])("did not know what %s asks for", async (sql) => {
    expect(schemaErrors(await errorOf(() => database.exec(sql)))).toBe(true);
  });

  test.each(["selec 1", "insert into book values ('x'), ('x')"])(
    "fails at %s for another reason",
    async (sql) => {
      expect(schemaErrors(await errorOf(() => database.exec(sql)))).toBe(false);
    },
  );
});

describe("an error that a library wraps around another", () => {
  const inner = Object.assign(new Error('column "author" does not exist'), { code: "42703" });

  test.each([
    ["its cause", new Error("Failed query", { cause: inner })],
    ["the cause of its cause", new Error("a", { cause: new Error("b", { cause: inner }) })],
    ["original and parent", Object.assign(new Error("x"), { original: inner, parent: inner })],
    ["driverError", Object.assign(new Error("x"), { driverError: inner })],
    ["nativeError", Object.assign(new Error("x"), { nativeError: inner })],
    ["a code of Prisma's", Object.assign(new Error("x"), { code: "P2022", clientVersion: "7.0.0" })],
  ])("is known by %s", (_, error) => {
    expect(schemaErrors(error)).toBe(true);
  });

  test("may go round in a circle", () => {
    const error = new Error("x");
    error.cause = error;
    expect(schemaErrors(error)).toBe(false);
  });

  test("may be anything at all", () => {
    fc.assert(
      fc.property(fc.anything(), (thrown) => {
        expect(typeof schemaErrors(thrown)).toBe("boolean");
      }),
    );
    const hostile = Object.defineProperty(new Error("x"), "cause", {
      get() {
        throw new Error("no");
      },
    });
    expect(schemaErrors(hostile)).toBe(false);
  });
});
