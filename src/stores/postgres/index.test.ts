import { pathToFileURL } from "node:url";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Client, Pool } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { built } from "../../../test/support/built.ts";
import { describeWithServer } from "../../../test/servers/describe-with-server.ts";
import { isPostgresAvailable, startPostgres, type PostgresServer } from "../../../test/servers/postgres.ts";
import { storeContract, type StoreContractSubject } from "../../testing/index.ts";
import { postgresStore } from "./index.ts";

const run = promisify(execFile);
const server = { available: isPostgresAvailable(), packageName: "postgresql" };

describeWithServer("a PostgreSQL store", server, () => {
  let postgres: PostgresServer;
  let admin: Client;
  let places = 0;
  beforeAll(async () => {
    postgres = await startPostgres();
    admin = new Client({ connectionString: postgres.url });
    await admin.connect();
  });
  afterAll(async () => {
    await admin.end();
    await postgres.stop();
  });

  /** Each gets a schema, which is as good as a database and a hundred times as fast to create. */
  async function createPlace(): Promise<{ url: string; remove(): Promise<void> }> {
    const name = `place_${String(places++)}`;
    await admin.query(`create schema ${name}`);
    const url = new URL(postgres.url);
    url.searchParams.set("options", `-csearch_path=${name}`);
    return {
      url: url.href,
      async remove() {
        await admin.query(`drop schema ${name} cascade`);
      },
    };
  }

  async function isUntouched(url: string): Promise<boolean> {
    const client = new Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query(
      "select coalesce(to_regclass('intermission'), to_regclass('intermission_report')) is null as untouched",
    );
    await client.end();
    return rows[0]?.untouched === true;
  }

  describe("the store contract, by URL", () => {
    const subject: StoreContractSubject = {
      async createPlace() {
        const { url, remove } = await createPlace();
        return {
          open: () => postgresStore({ url }),
          argument: { url },
          isUntouched: () => isUntouched(url),
          remove,
        };
      },
      otherProcess: {
        module: pathToFileURL(built("stores/postgres/index.js")),
        exportName: "postgresStore",
      },
      push: true,
      reports: true,
    };
    for (const { name, run } of storeContract(subject)) test(name, run);
  });

  describe.each([true, false])("the store contract, with the app's pool and listen: %s", (listen) => {
    const subject: StoreContractSubject = {
      async createPlace() {
        const { url, remove } = await createPlace();
        const pool = new Pool({ connectionString: url, max: 4 });
        return {
          open: () => postgresStore({ pool, listen }),
          async remove() {
            await pool.end();
            await remove();
          },
        };
      },
      push: listen,
      reports: true,
    };
    for (const { name, run } of storeContract(subject)) test(name, run);
  });

  describe("by URL", () => {
    async function countConnections(): Promise<number> {
      const { rows } = await admin.query(
        "select 1 from pg_stat_activity where query like '%intermission%' and pid <> pg_backend_pid()",
      );
      return rows.length;
    }

    test("holds one connection at rest, reads on it, and hears on it", async () => {
      const { url, remove } = await createPlace();
      const store = postgresStore({ url });
      await store.migrate?.();
      let pushes = 0;
      await store.watch?.("app", () => pushes++);
      for (let reads = 0; reads < 5; reads++) await store.read("app");
      await expect.poll(countConnections).toBe(1);
      await admin.query("select pg_notify('intermission', 'app')");
      await expect.poll(() => pushes).toBe(1);
      // Calls made while it is busy use another.
      await Promise.all([store.read("app"), store.read("app"), store.write("app", "value", 0)]);
      expect(await countConnections()).toBeGreaterThan(1);
      await store.close();
      await expect.poll(countConnections).toBe(0);
      await remove();
    });

    test("without push holds one too, and does not connect anew for each read", async () => {
      const { url, remove } = await createPlace();
      const store = postgresStore({ url, listen: false });
      const backend = async (): Promise<unknown> => {
        const { rows } = await admin.query(
          "select pid from pg_stat_activity where query like '%intermission%' and pid <> pg_backend_pid()",
        );
        return rows;
      };
      await store.read("app");
      await expect.poll(backend).toHaveLength(1);
      const first = await backend();
      await store.read("app");
      expect(await backend()).toEqual(first);
      await store.close();
      await remove();
    });

    test("keeps no process alive that has read on the connection that listens", async () => {
      const { url, remove } = await createPlace();
      const module = pathToFileURL(built("stores/postgres/index.js")).href;
      const program = `
        const { postgresStore } = await import(${JSON.stringify(module)});
        const store = postgresStore({ url: ${JSON.stringify(url)} });
        await store.migrate();
        await store.watch("app", () => {});
        await store.read("app");
        console.log((await store.read("app")).version);`;
      const { stdout } = await run(process.execPath, ["--input-type=module", "-e", program], {
        timeout: 15_000,
      });
      expect(stdout).toBe("0\n");
      await remove();
    });
  });

  describe("with a place of its own", () => {
    test("has a row that people can read", async () => {
      const { url, remove } = await createPlace();
      const store = postgresStore({ url });
      await store.write("shop", '{"releases":[]}', 0, "v1.1");
      await store.close();
      const pool = new Pool({ connectionString: url });
      const { rows } = await pool.query("select * from intermission");
      await pool.end();
      expect(rows).toEqual([
        {
          app: "shop",
          version: "1",
          value: '{"releases":[]}',
          current_release: "v1.1",
          updated_at: expect.any(Date) as Date,
        },
      ]);
      await remove();
    });

    test("a table that is altered, dropped or made anew under one that listens is read as it is", async () => {
      const { url, remove } = await createPlace();
      const store = postgresStore({ url });
      await store.write("app", "one", 0);
      let pushes = 0;
      await store.watch?.("app", () => pushes++);
      const pool = new Pool({ connectionString: url, max: 1 });
      expect(await store.read("app")).toMatchObject({ version: 1, value: "one" });
      await pool.query("alter table intermission alter version type numeric, add more text");
      // The prepared statement is outdated; the next read works without it.
      await store.read("app").catch(() => {});
      expect(await store.read("app")).toMatchObject({ version: 1, value: "one" });
      await pool.query("drop table intermission");
      expect(await store.read("app")).toMatchObject({ version: 0 });
      await store.write("app", "two", 0);
      expect(await store.read("app")).toMatchObject({ version: 1, value: "two" });
      await expect.poll(() => pushes).toBeGreaterThan(0);
      await Promise.all([store.close(), pool.end()]);
      await remove();
    });

    test("tells nobody of a write that was refused", async () => {
      const { url, remove } = await createPlace();
      const [one, other] = [postgresStore({ url }), postgresStore({ url })];
      let pushes = 0;
      await one.watch?.("app", () => pushes++);
      await other.write("app", "value", 0);
      await other.write("app", "late", 0);
      await other.write("app", "late", 7);
      await other.write("app", "next", 1);
      await expect.poll(() => pushes).toBe(2);
      await Promise.all([one.close(), other.close()]);
      await remove();
    });

    test("a user who may not make tables is told what to do, and may write once there is one", async () => {
      const { url, remove } = await createPlace();
      const schema = new URL(url).searchParams.get("options")?.split("=")[1] ?? "";
      await admin.query(`create role guest login; grant usage on schema ${schema} to guest`);
      const guestUrl = url.replace("postgres@", "guest@");
      const [owner, guest] = [postgresStore({ url }), postgresStore({ url: guestUrl })];
      expect(await guest.read("app")).toMatchObject({ version: 0 });
      await expect(guest.write("app", "value", 0)).rejects.toMatchObject({
        code: "store-failed",
        remedy: expect.stringContaining("intermission migrate") as string,
      });
      await owner.migrate?.();
      const pool = new Pool({ connectionString: url });
      await pool.query("grant select, insert, update on intermission to guest");
      await pool.end();
      await guest.migrate?.();
      expect(await guest.write("app", "value", 0)).toBe(true);
      await Promise.all([owner.close(), guest.close()]);
      await remove();
      await admin.query("drop role guest");
    });
  });
});

describe("the options of a PostgreSQL store", () => {
  test.each([
    [{}, "undefined"],
    [{ url: "mysql://user:secret@host/db" }, "mysql://…@host/db"],
    [{ pool: 7 }, "7"],
    [{ pool: { query() {} }, url: "postgres://host/db" }, "both"],
  ])("that can't be used are refused: %o", (options, got) => {
    let thrown: unknown;
    try {
      postgresStore(options as never);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code: "bad-option", got: expect.stringContaining(got) as string });
  });
});
