import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWithServer } from "../../../test/servers/describe-with-server.ts";
import { isPostgresAvailable, startPostgres, type PostgresServer } from "../../../test/servers/postgres.ts";
import { postgresStore } from "./index.ts";

const server = { available: isPostgresAvailable(), packageName: "postgresql" };
const minute = 60_000;

describeWithServer("reports in PostgreSQL", server, () => {
  let postgres: PostgresServer;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());

  const urlOf = (user: string): string => {
    const url = new URL(postgres.url);
    url.username = user;
    return url.href;
  };

  test("that are past their time are deleted in passing, a few at once", async () => {
    const store = postgresStore({ url: postgres.url });
    await store.reports?.put("shop", "new", "new", minute);
    await postgres.query(
      `insert into intermission_report select 'gone', 'old ' || n, 'old', 0, 1 from generate_series(1, 250) as n`,
    );
    const count = async (): Promise<number> => {
      const [row] = await postgres.query(
        "select count(*)::int as n from intermission_report where app = 'gone'",
      );
      return Number(row?.["n"]);
    };
    const seen = new Set([250]);
    for (let puts = 0; puts < 5000 && !seen.has(0); puts++) {
      await store.reports?.put("shop", "new", "new", minute);
      if (puts % 5 === 0) seen.add(await count());
    }
    expect([...seen]).toContain(0);
    expect((await store.reports?.list("shop"))?.reports).toHaveLength(1);
    await store.close();
  });

  test("by a user who may only read are denied, and what the user may do goes on", async () => {
    const admin = postgresStore({ url: postgres.url });
    await admin.write("app", "value", 0);
    await postgres.query("drop table if exists intermission_report");
    await postgres.query("create role reader login");
    await postgres.query("revoke create on schema public from public");
    await postgres.query("grant select on intermission to reader");
    const reader = postgresStore({ url: urlOf("reader") });
    await expect(reader.reports?.put("app", "id", "value", minute)).rejects.toMatchObject({
      code: "store-denied",
      message: expect.stringContaining("grant select, insert, update and delete"),
    });
    expect((await reader.read("app")).value).toBe("value");
    expect((await reader.reports?.list("app"))?.reports).toEqual([]);

    await admin.migrate?.();
    await postgres.query("grant select, insert, update, delete on intermission_report to reader");
    await reader.reports?.put("app", "id", "value", minute);
    expect((await admin.reports?.list("app"))?.reports).toMatchObject([{ id: "id", value: "value" }]);
    await Promise.all([reader.close(), admin.close()]);
  });

  test("go on when their table was dropped under way", async () => {
    const store = postgresStore({ url: postgres.url });
    await store.reports?.put("app", "id", "one", minute);
    await postgres.query("drop table intermission_report");
    await expect(store.reports?.put("app", "id", "two", minute)).rejects.toMatchObject({
      code: "store-failed",
    });
    await store.reports?.put("app", "id", "three", minute);
    expect((await store.reports?.list("app"))?.reports).toMatchObject([{ value: "three" }]);
    await store.close();
  });

  test("behind a lock are given up in time", async () => {
    const store = postgresStore({ url: postgres.url });
    await store.reports?.put("app", "id", "one", minute);
    const locked = postgres.query(
      "begin; lock table intermission_report in access exclusive mode; select pg_sleep(5)",
    );
    await expect
      .poll(
        async () =>
          (await postgres.query("select 1 from pg_locks where mode = 'AccessExclusiveLock' and granted"))[0],
      )
      .toBeDefined();
    const begun = performance.now();
    await expect(store.reports?.put("app", "id", "two", minute)).rejects.toMatchObject({
      code: "store-failed",
    });
    expect(performance.now() - begun).toBeLessThan(4000);
    expect((await store.read("app")).version).toBeTypeOf("number");
    await locked;
    await store.close();
  });
});
