import { createPool as createCallbackPool } from "mysql2";
import { createPool } from "mysql2/promise";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWithServer } from "../../../test/servers/describe-with-server.ts";
import { isMariadbAvailable, startMariadb, type MariadbServer } from "../../../test/servers/mariadb.ts";
import type { MysqlPool } from "./client.ts";
import { mysqlStore } from "./index.ts";

const server = { available: isMariadbAvailable(), packageName: "mariadb-server" };

describeWithServer("a MySQL store with a pool of the app", server, () => {
  let mariadb: MariadbServer;
  beforeAll(async () => {
    mariadb = await startMariadb();
  });
  afterAll(() => mariadb.stop());

  test.each([
    ["with promises", () => createPool({ uri: mariadb.url, connectionLimit: 1 })],
    ["with callbacks", () => createCallbackPool({ uri: mariadb.url, connectionLimit: 1 })],
  ])("%s is not waited for: a read has its own connection, with the pool's settings", async (app, open) => {
    const pool = open();
    const promising = "promise" in pool ? pool.promise() : pool;
    const store = mysqlStore({ pool });
    const slow = promising.query("select sleep(1.5)");
    const { version, notice } = await store.read(app);
    expect({ version, notice }).toEqual({ version: 0, notice: undefined });
    expect(await store.write(app, "value", 0)).toBe(true);
    await slow;
    await store.close();
    expect((await promising.query("select 1 as one"))[0]).toEqual([{ one: 1 }]);
    await promising.end();
  });

  test("opens at most two connections beside it, and closes them", async () => {
    const pool = createPool({ uri: mariadb.url, connectionLimit: 1 });
    const store = mysqlStore({ pool });
    const count = async (): Promise<number> =>
      (await mariadb.query("select id from information_schema.processlist where user = 'app'")).length - 1;
    await Promise.all(Array.from({ length: 8 }, () => store.read("app")));
    expect(await count()).toBeLessThanOrEqual(2);
    await store.close();
    await expect.poll(count).toBe(0);
    await pool.end();
  });

  test("is shared with `own: false`", async () => {
    const pool = createPool({ uri: mariadb.url, connectionLimit: 1 });
    const store = mysqlStore({ pool, own: false });
    const slow = pool.query("select sleep(1.5)");
    await expect(store.read("app")).rejects.toMatchObject({ code: "store-failed" });
    await slow;
    expect((await store.read("app")).notice).toBeUndefined();
    await store.close();
    await pool.end();
  });

  test("that can't be copied lends one connection for good, if it has several", async () => {
    const pool = createPool({ uri: mariadb.url, connectionLimit: 2 });
    const like = { getConnection: () => pool.getConnection(), config: { connectionLimit: 2 } };
    const store = mysqlStore({ pool: like as unknown as MysqlPool });
    await store.read("lent");
    const slow = [pool.query("select sleep(1.5)"), pool.query("select sleep(0.1)")];
    const [record] = await Promise.all([store.read("lent"), store.read("other").catch(() => undefined)]);
    expect(record.notice).toBeUndefined();
    expect(await store.write("lent", "value", 0)).toBe(true);
    await Promise.all(slow);
    await store.close();
    expect((await Promise.all([1, 2].map(() => pool.query("select 1 as one")))).length).toBe(2);
    await pool.end();
  });

  test("that lent a connection gets another when the server ends it", async () => {
    const pool = createPool({ uri: mariadb.url, connectionLimit: 2 });
    const like = { getConnection: () => pool.getConnection(), config: { connectionLimit: 2 } };
    const store = mysqlStore({ pool: like as unknown as MysqlPool });
    await store.read("ended");
    const [line] = await mariadb.query(
      "select id from information_schema.processlist where user = 'app' and id <> connection_id()",
    );
    await mariadb.query(`kill ${String(line?.["id"])}`);
    await store.read("ended").catch(() => undefined);
    expect(await store.write("ended", "value", 0)).toBe(true);
    await store.close();
    await pool.end();
  });

  test("of one connection that can't be copied is left to the app, with a notice", async () => {
    const pool = createPool({ uri: mariadb.url, connectionLimit: 1 });
    const like = { getConnection: () => pool.getConnection(), config: { connectionLimit: 1 } };
    const store = mysqlStore({ pool: like as unknown as MysqlPool });
    expect(await store.read("app")).toMatchObject({
      notice: expect.stringContaining("shares all connections") as string,
    });
    expect((await pool.query("select 1 as one"))[0]).toEqual([{ one: 1 }]);
    await store.close();
    await pool.end();
  });
});
