import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWithServer } from "../../../test/servers/describe-with-server.ts";
import { isMariadbAvailable, startMariadb, type MariadbServer } from "../../../test/servers/mariadb.ts";
import { mysqlStore } from "./index.ts";

const server = { available: isMariadbAvailable(), packageName: "mariadb-server" };
const minute = 60_000;

describeWithServer("reports in MySQL", server, () => {
  let mariadb: MariadbServer;
  beforeAll(async () => {
    mariadb = await startMariadb();
  });
  afterAll(() => mariadb.stop());

  test("that are past their time are deleted in passing, a few at once", async () => {
    const store = mysqlStore({ url: mariadb.url });
    await store.reports?.put("shop", "new", "new", minute);
    await mariadb.query(
      "insert into intermission_report select 'gone', concat('old ', seq), 'old', 0, 1 from seq_1_to_250",
    );
    const count = async (): Promise<number> => {
      const [row] = await mariadb.query("select count(*) as n from intermission_report where app = 'gone'");
      return Number(row?.["n"]);
    };
    let left = 250;
    for (let puts = 0; puts < 5000 && left > 0; puts++) {
      await store.reports?.put("shop", "new", "new", minute);
      if (puts % 5 === 0) left = await count();
    }
    expect(left).toBe(0);
    expect((await store.reports?.list("shop"))?.reports).toHaveLength(1);
    await store.close();
  });

  test("by a user who may only read are denied, and what the user may do goes on", async () => {
    const admin = mysqlStore({ url: mariadb.url });
    await admin.write("app", "value", 0);
    await mariadb.query("drop table if exists intermission_report");
    await mariadb.query("create user reader@'%'; grant select on intermission.intermission to reader@'%'");
    const url = new URL(mariadb.url);
    url.username = "reader";
    url.password = "";
    const reader = mysqlStore({ url: url.href });
    await expect(reader.reports?.put("app", "id", "value", minute)).rejects.toMatchObject({
      code: "store-denied",
      message: expect.stringContaining("grant select, insert, update and delete"),
    });
    expect((await reader.read("app")).value).toBe("value");

    await admin.migrate?.();
    await mariadb.query(
      "grant select, insert, update, delete on intermission.intermission_report to reader@'%'",
    );
    await reader.reports?.put("app", "id", "value", minute);
    expect((await admin.reports?.list("app"))?.reports).toMatchObject([{ id: "id", value: "value" }]);
    await Promise.all([reader.close(), admin.close()]);
  });
});
