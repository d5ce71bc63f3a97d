import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { inspect } from "node:util";
import { Client, Pool, type PoolClient } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeWithServer } from "../../../test/servers/describe-with-server.ts";
import { startFaultProxy } from "../../../test/servers/fault-proxy.ts";
import { startLateRelay } from "../../../test/servers/late-relay.ts";
import { isPostgresAvailable, startPostgres, type PostgresServer } from "../../../test/servers/postgres.ts";
import { startSilentServer } from "../../../test/servers/silent-server.ts";
import { uncaughtDuring } from "../../../test/support/uncaught.ts";
import type { Store } from "../../core/ports.ts";
import { postgresStore } from "./index.ts";

const server = { available: isPostgresAvailable(), packageName: "postgresql" };

/** Milliseconds for a read and a write, with some slack for a busy machine. */
const readBound = 1500;
const writeBound = 5000;

async function failsWithin(milliseconds: number, operation: Promise<unknown>): Promise<void> {
  const startedAt = performance.now();
  await expect(operation).rejects.toMatchObject({ name: "IntermissionError", code: "store-failed" });
  expect(performance.now() - startedAt).toBeLessThan(milliseconds);
}

describeWithServer("a PostgreSQL store, with a server that fails", server, () => {
  let postgres: PostgresServer;
  beforeAll(async () => {
    postgres = await startPostgres({ password: "correct horse / battery@staple" });
  });
  afterAll(() => postgres.stop());

  /** By URL, and with the app's own pool. */
  const stores: readonly (readonly [string, () => { store: Store; end(): Promise<void> }])[] = [
    [
      "by URL",
      () => {
        const store = postgresStore({ url: postgres.url });
        return { store, end: () => store.close() };
      },
    ],
    [
      "with a pool",
      () => {
        const pool = new Pool({ connectionString: postgres.url });
        const store = postgresStore({ pool, listen: true });
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
      await postgres.halt();
      await failsWithin(readBound, store.read(app));
      await failsWithin(writeBound, store.write(app, "lost", 1));
      await postgres.restart();
      expect(await store.read(app)).toMatchObject({ value: "value" });
      await end();
    });

    test("rejects in time while the table is locked, leaves no query waiting, and works afterwards", async () => {
      const { store, end } = open();
      const { version } = await store.read(app);
      await store.write(app, "value", version);
      const locker = new Client({ connectionString: postgres.url });
      locker.on("error", () => {});
      await locker.connect();
      await locker.query("begin; lock table intermission in access exclusive mode");
      await Promise.all([
        failsWithin(readBound, store.read(app)),
        failsWithin(readBound, store.read(app)),
        failsWithin(writeBound, store.write(app, "lost", version + 1)),
      ]);
      const countWaiting = async (): Promise<unknown> => {
        const { rows } = await locker.query("select 1 from pg_stat_activity where wait_event_type = 'Lock'");
        return rows.length;
      };
      // A query that first waited for a connection still uses up its time on the server.
      await expect.poll(countWaiting, { timeout: writeBound }).toBe(0);
      await locker.query("commit");
      await locker.end();
      expect(await store.read(app)).toMatchObject({ version: version + 1, value: "value" });
      await end();
    });

    test("outlives the end of all its connections, and hears of changes again", async () => {
      const { store, end } = open();
      const { version } = await store.read(app);
      let pushes = 0;
      await store.watch?.(app, () => pushes++);
      await postgres.query(
        "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and datname is not null",
      );
      // Called once without a change: one may have been missed.
      await expect.poll(() => pushes, { timeout: 10_000 }).toBe(1);
      await store.read(app).catch(() => {});
      expect(await store.write(app, "value", version)).toBe(true);
      await expect.poll(() => pushes).toBe(2);
      await end();
    });
  });

  test("one that was silent for long is read within two seconds when it answers again", async () => {
    const proxy = await startFaultProxy(postgres.port);
    const url = new URL(postgres.url);
    url.port = String(proxy.port);
    const store = postgresStore({ url: url.href });
    proxy.set("silence");
    for (let reads = 0; reads < 5; reads++) await failsWithin(readBound, store.read("app"));
    proxy.set("none");
    const startedAt = performance.now();
    while ((await store.read("app").catch(() => undefined)) === undefined) {
      if (performance.now() - startedAt > 10_000) break;
    }
    expect(performance.now() - startedAt).toBeLessThan(2000);
    await store.close();
    await proxy.stop();
  });

  test.each(["by URL", "with a pool"])(
    "%s, a connection that fell silent without a word is made anew with the next read",
    async (label) => {
      const proxy = await startFaultProxy(postgres.port);
      const url = postgres.url.replace(`:${String(postgres.port)}/`, `:${String(proxy.port)}/`);
      const pool = new Pool({ connectionString: url, max: 2 });
      const store = label === "by URL" ? postgresStore({ url }) : postgresStore({ pool, listen: true });
      const { version } = await store.read("app");
      let pushes = 0;
      await store.watch?.("app", () => pushes++);

      // Like a router that forgot the connection: what is sent gets lost, and nobody is told.
      proxy.set("silence");
      proxy.set("none");
      await failsWithin(readBound, store.read("app"));
      expect(await store.read("app")).toMatchObject({ version });
      // Called once without a change: one may have been missed.
      await expect.poll(() => pushes, { timeout: 5000 }).toBe(1);
      expect(await store.write("app", "value", version)).toBe(true);
      await expect.poll(() => pushes).toBe(2);

      await store.close();
      await pool.end();
      await proxy.stop();
    },
  );

  test("a pool without a free connection fails in time, piles nothing up, and works when it has one", async () => {
    const pool = new Pool({ connectionString: postgres.url, max: 1 });
    const store = postgresStore({ pool, own: false });
    const { version } = await store.read("app");
    const taken: PoolClient = await pool.connect();
    await Promise.all(Array.from({ length: 10 }, () => failsWithin(readBound, store.read("app"))));
    const waiting = pool.waitingCount;
    for (let reads = 0; reads < 20; reads++) await failsWithin(100, store.read("app"));
    expect(pool.waitingCount).toBe(waiting);
    taken.release();
    await expect.poll(() => pool.waitingCount).toBe(0);
    expect((await store.read("app")).version).toBe(version);
    await store.close();
    await pool.end();
  });

  test.each([
    ["by URL, to be read", "url", (store: Store) => store.read("app")],
    ["by URL, to listen", "url", (store: Store) => store.watch?.("app", () => {})],
    ["of the app's pool, to be read", "pool", (store: Store) => store.read("app")],
    ["of the app's pool, to listen", "pool", (store: Store) => store.watch?.("app", () => {})],
  ] as const)(
    "a connection %s, that is ended in the moment in which it is ready ends no app",
    async (...row) => {
      const [, kind, operate] = row;
      const relay = await startLateRelay(postgres.port, {
        isReady: (chunk) => chunk.includes("Z\0\0\0\x05I", 0, "latin1"),
        end: (port) =>
          postgres.query(
            `select pg_terminate_backend(pid) from pg_stat_activity where client_port = ${String(port)}`,
          ),
      });
      const url = postgres.url.replace(`:${String(postgres.port)}/`, `:${String(relay.port)}/`);
      const pool = new Pool({ connectionString: url });
      const store = kind === "url" ? postgresStore({ url }) : postgresStore({ pool, listen: true });
      const uncaught = await uncaughtDuring(async () => {
        await failsWithin(writeBound, operate(store) ?? Promise.resolve());
        expect(relay.ended).toBeGreaterThan(0);
        await store.close();
        await pool.end();
        await relay.stop();
      });
      expect(uncaught).toEqual([]);
    },
  );

  test("a wrong password is said without the password", async () => {
    const url = new URL(postgres.url);
    url.password = "hush-hush";
    const store = postgresStore({ url: url.href });
    for (const operate of [
      () => store.read("app"),
      () => store.write("app", "value", 0),
      () => store.watch?.("app", () => {}),
    ]) {
      const error: unknown = await operate()?.catch((reason: unknown) => reason);
      expect(error).toMatchObject({
        code: "store-failed",
        got: expect.stringContaining("password") as string,
      });
      expect(inspect(error, { depth: 20, showHidden: true })).not.toContain("hush-hush");
    }
    await store.close();
  });
});

describe("a PostgreSQL store, with no PostgreSQL there", () => {
  test("fails in time with a server that never answers, and can be closed", async () => {
    const silent = await startSilentServer();
    const pool = new Pool({ host: "127.0.0.1", port: silent.port, user: "postgres", database: "postgres" });
    const fail = async (store: Store): Promise<void> => {
      await failsWithin(readBound, store.read("app"));
      await failsWithin(writeBound, store.write("app", "value", 0));
      await failsWithin(writeBound, store.watch?.("app", () => {}) ?? Promise.resolve());
      const startedAt = performance.now();
      await store.close();
      expect(performance.now() - startedAt).toBeLessThan(readBound);
    };
    await Promise.all([
      fail(postgresStore({ url: `postgres://postgres@127.0.0.1:${String(silent.port)}/postgres` })),
      fail(postgresStore({ pool, listen: true })),
    ]);
    await silent.stop();
    await pool.end();
  });

  test("asks a server that is slow to take connections for one alone, however often it is asked", async () => {
    let connections = 0;
    const slow = createServer(() => connections++).listen(0, "127.0.0.1");
    await once(slow, "listening");
    const { port } = slow.address() as AddressInfo;
    const store = postgresStore({ url: `postgres://postgres@127.0.0.1:${String(port)}/postgres` });
    const operations = [
      ...Array.from({ length: 3 }, () => failsWithin(readBound, store.read("app"))),
      failsWithin(writeBound, store.watch?.("app", () => {}) ?? Promise.resolve()),
    ];
    await Promise.all(operations);
    await failsWithin(readBound, store.read("app"));
    expect(connections).toBe(1);
    await store.close();
    slow.close();
  });

  test("fails at once where nothing listens", async () => {
    const silent = await startSilentServer();
    await silent.stop();
    const store = postgresStore({ url: `postgres://u:hush-hush@127.0.0.1:${String(silent.port)}/db` });
    await failsWithin(readBound, store.read("app"));
    const error: unknown = await store.read("app").catch((reason: unknown) => reason);
    expect((error as Error).message).toContain("ECONNREFUSED");
    expect(inspect(error, { depth: 20, showHidden: true })).not.toContain("hush-hush");
    await store.close();
  });
});
