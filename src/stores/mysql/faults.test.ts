import { inspect } from "node:util";
import { createPool, type PoolConnection } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeWithServer } from "../../../test/servers/describe-with-server.ts";
import { startLateRelay } from "../../../test/servers/late-relay.ts";
import { isMariadbAvailable, startMariadb, type MariadbServer } from "../../../test/servers/mariadb.ts";
import { startSilentServer } from "../../../test/servers/silent-server.ts";
import { uncaughtDuring } from "../../../test/support/uncaught.ts";
import type { Store } from "../../core/ports.ts";
import { mysqlStore } from "./index.ts";

const server = { available: isMariadbAvailable(), packageName: "mariadb-server" };

/** Milliseconds for a read and a write, with some slack for a busy machine. */
const readBound = 1500;
const writeBound = 5000;

async function failsWithin(milliseconds: number, operation: Promise<unknown>): Promise<void> {
  const startedAt = performance.now();
  await expect(operation).rejects.toMatchObject({ name: "IntermissionError", code: "store-failed" });
  expect(performance.now() - startedAt).toBeLessThan(milliseconds);
}

describeWithServer("a MySQL store, with a server that fails", server, () => {
  let mariadb: MariadbServer;
  beforeAll(async () => {
    mariadb = await startMariadb({ password: "correct horse / battery@staple" });
  });
  afterAll(() => mariadb.stop());

  /** By URL, and with the app's own pool. */
  const stores: readonly (readonly [string, () => { store: Store; end(): Promise<void> }])[] = [
    [
      "by URL",
      () => {
        const store = mysqlStore({ url: mariadb.url });
        return { store, end: () => store.close() };
      },
    ],
    [
      "with a shared pool",
      () => {
        const pool = createPool(mariadb.url);
        const store = mysqlStore({ pool, own: false });
        return {
          store,
          async end() {
            await store.close();
            await pool.end();
          },
        };
      },
    ],
  ];

  describe.each(stores)("%s", (label, open) => {
    const app = label;

    test("rejects at once while it is stopped, and works when it is back", async () => {
      const { store, end } = open();
      await store.write(app, "value", (await store.read(app)).version);
      await mariadb.halt();
      await failsWithin(readBound, store.read(app));
      await failsWithin(writeBound, store.write(app, "lost", 1));
      await mariadb.restart();
      expect(await store.read(app)).toMatchObject({ value: "value" });
      await end();
    });

    test("rejects in time while the table is locked, leaves no query waiting, and works afterwards", async () => {
      const { store, end } = open();
      const { version } = await store.read(app);
      await store.write(app, "value", version);
      const locker = await mariadb.connect();
      await locker.query("lock tables intermission write");
      await Promise.all([
        failsWithin(readBound, store.read(app)),
        failsWithin(readBound, store.read(app)),
        failsWithin(writeBound, store.write(app, "lost", version + 1)),
      ]);
      const countWaiting = async (): Promise<unknown> => {
        const rows = await mariadb.query(
          "select 1 from information_schema.processlist where state like 'Waiting for table%'",
        );
        return rows.length;
      };
      // A query that first waited for a connection still uses up its time on the server.
      await expect.poll(countWaiting, { timeout: writeBound }).toBe(0);
      await locker.query("unlock tables");
      await locker.end();
      expect(await store.read(app)).toMatchObject({ version: version + 1, value: "value" });
      await end();
    });

    test("outlives the end of all its connections", async () => {
      const { store, end } = open();
      const { version } = await store.read(app);
      const rows = await mariadb.query(
        "select id from information_schema.processlist where user = 'app' and id <> connection_id()",
      );
      for (const { id } of rows) await mariadb.query(`kill ${String(id)}`);
      await store.read(app).catch(() => {});
      expect(await store.write(app, "value", version)).toBe(true);
      await end();
    });
  });

  test("reading a table that is locked costs no connection", async () => {
    const pool = createPool(mariadb.url);
    let connections = 0;
    pool.on("connection", () => connections++);
    const store = mysqlStore({ pool, own: false });
    await store.write("app", "value", (await store.read("app")).version);
    const locker = await mariadb.connect();
    await locker.query("lock tables intermission write");
    await failsWithin(readBound, store.read("app"));
    await failsWithin(readBound, store.read("app"));
    await locker.end();
    expect(await store.read("app")).toMatchObject({ value: "value" });
    expect(connections).toBe(1);
    await store.close();
    await pool.end();
  });

  test("a pool without a free connection fails in time, piles nothing up, and works when it has one", async () => {
    const pool = createPool({ uri: mariadb.url, connectionLimit: 1 });
    let waiting = 0;
    pool.on("enqueue", () => waiting++);
    const store = mysqlStore({ pool, own: false });
    const { version } = await store.read("app");
    const taken: PoolConnection = await pool.getConnection();
    await Promise.all(Array.from({ length: 10 }, () => failsWithin(readBound, store.read("app"))));
    const before = waiting;
    for (let reads = 0; reads < 20; reads++) await failsWithin(100, store.read("app"));
    expect(waiting).toBe(before);
    taken.release();
    await expect.poll(async () => (await store.read("app")).version).toBe(version);
    await store.close();
    await pool.end();
  });

  test.each(["by URL", "of the app's pool"])(
    "a connection %s that is ended in the moment in which it is ready ends no app",
    async (label) => {
      const relay = await startLateRelay(mariadb.port, {
        // The third packet, after the server's greeting and the client's answer; it starts with the byte of
        // an OK.
        isReady: (chunk) => chunk[3] === 2 && chunk[4] === 0,
        async end(port) {
          const list = await mariadb.query("show processlist");
          const id = list.find(({ Host }) => Host === `127.0.0.1:${String(port)}`)?.["Id"];
          await mariadb.query(`kill ${String(id)}`);
        },
      });
      const url = mariadb.url.replace(`:${String(mariadb.port)}/`, `:${String(relay.port)}/`);
      const pool = createPool(url);
      const store = label === "by URL" ? mysqlStore({ url }) : mysqlStore({ pool });
      const uncaught = await uncaughtDuring(async () => {
        await failsWithin(readBound, store.read("app"));
        expect(relay.ended).toBe(1);
        await store.close();
        await pool.end();
        await relay.stop();
      });
      expect(uncaught).toEqual([]);
    },
  );

  test("a wrong password is said without the password", async () => {
    const url = new URL(mariadb.url);
    url.password = "hush-hush";
    const store = mysqlStore({ url: url.href });
    for (const operate of [() => store.read("app"), () => store.write("app", "value", 0)]) {
      const error: unknown = await operate().catch((reason: unknown) => reason);
      expect(error).toMatchObject({
        code: "store-failed",
        got: expect.stringContaining("Access denied") as string,
        remedy: expect.stringContaining("the password") as string,
      });
      expect(inspect(error, { depth: 20, showHidden: true })).not.toContain("hush-hush");
    }
    await store.close();
  });
});

describe("a MySQL store, with no MySQL there", () => {
  test("fails in time with a server that never answers, and can be closed", async () => {
    const silent = await startSilentServer();
    const pool = createPool({ host: "127.0.0.1", port: silent.port, user: "app", database: "app" });
    const fail = async (store: Store): Promise<void> => {
      await failsWithin(readBound, store.read("app"));
      await failsWithin(writeBound, store.write("app", "value", 0));
      const startedAt = performance.now();
      await store.close();
      expect(performance.now() - startedAt).toBeLessThan(readBound);
    };
    await Promise.all([
      fail(mysqlStore({ url: `mysql://app@127.0.0.1:${String(silent.port)}/app` })),
      fail(mysqlStore({ pool })),
    ]);
    await silent.stop();
    // It rejects if the connection was never established.
    await pool.end().catch(() => {});
  });

  test("fails at once where nothing listens", async () => {
    const silent = await startSilentServer();
    await silent.stop();
    const store = mysqlStore({ url: `mysql://u:hush-hush@127.0.0.1:${String(silent.port)}/db` });
    await failsWithin(readBound, store.read("app"));
    const error: unknown = await store.read("app").catch((reason: unknown) => reason);
    expect((error as Error).message).toContain("ECONNREFUSED");
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain("hush-hush");
    await store.close();
  });
});
