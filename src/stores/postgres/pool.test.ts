import { Pool } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWithServer } from "../../../test/servers/describe-with-server.ts";
import { isPostgresAvailable, startPostgres, type PostgresServer } from "../../../test/servers/postgres.ts";
import { postgresStore } from "./index.ts";
import type { PostgresPool } from "./pool.ts";

const server = { available: isPostgresAvailable(), packageName: "postgresql" };

describeWithServer("a PostgreSQL store with a pool of the app", server, () => {
  let postgres: PostgresServer;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());

  test("takes what pg has, by its type", () => {
    const pool: PostgresPool = new Pool({ connectionString: postgres.url });
    expect(postgresStore({ pool }).watch).toBeUndefined();
  });

  test("leaves the pool open and as it was", async () => {
    const pool = new Pool({ connectionString: postgres.url, max: 2 });
    const store = postgresStore({ pool, own: false, listen: true });
    await store.read("app");
    const stop = await store.watch?.("app", () => {});
    await store.read("app");
    expect(pool.totalCount).toBe(1);
    await stop?.();
    await store.close();
    expect(pool.listenerCount("error")).toBe(0);
    expect((await pool.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
    await pool.end();
  });

  test("is not waited for: a read has a connection of the store's own, with the pool's settings", async () => {
    const pool = new Pool({ connectionString: postgres.url, max: 1 });
    const store = postgresStore({ pool, listen: true });
    const slow = pool.query("select pg_sleep(1.2)");
    let pushes = 0;
    await store.watch?.("app", () => pushes++);
    const { version } = await store.read("app");
    expect(await store.write("app", "value", version)).toBe(true);
    await expect.poll(() => pushes).toBe(1);
    await slow;
    expect(pool.totalCount).toBe(1);
    await store.close();
    await pool.end();
  });

  test("that tells no settings lends one connection for good, if it has several", async () => {
    const pool = new Pool({ connectionString: postgres.url, max: 2 });
    const like: PostgresPool = {
      query: (query) => pool.query(query as never),
      connect: (callback) => {
        pool.connect(callback as never);
      },
    };
    const store = postgresStore({ pool: Object.assign(like, { options: { max: 2 } }) });
    await store.read("app");
    const slow = pool.query("select pg_sleep(1.2)");
    const late = pool.query("select pg_sleep(0.1)");
    expect((await store.read("app")).notice).toBeUndefined();
    await Promise.all([slow, late]);
    await store.close();
    await pool.end();
  });

  test("of one connection, is never kept from the app, and that is said", async () => {
    const pool = new Pool({ connectionString: postgres.url, max: 1 });
    const like = { options: { max: 1 }, query: (query: unknown) => pool.query(query as never) };
    const store = postgresStore({ pool: like, listen: true });
    expect(await store.read("app")).toMatchObject({
      notice: expect.stringContaining("shares all connections") as string,
    });
    await expect(store.watch?.("app", () => {})).rejects.toMatchObject({ code: "push-unavailable" });
    expect((await pool.query("select 1 as one")).rows).toEqual([{ one: 1 }]);
    await store.close();
    await pool.end();
  });

  test("with types of its own is understood all the same", async () => {
    // An app may configure pg to return bigint and numeric as numbers.
    const parsers: Readonly<Record<number, (text: string) => unknown>> = { 20: BigInt, 1700: Number };
    const getTypeParser = (oid: number): unknown => parsers[oid] ?? String;
    const pool = new Pool({
      connectionString: postgres.url,
      types: { getTypeParser },
    });
    const store = postgresStore({ pool });
    await store.write("typed", "value", 0);
    expect(await store.read("typed")).toMatchObject({ version: 1, value: "value" });
    await store.close();
    await pool.end();
  });
});
