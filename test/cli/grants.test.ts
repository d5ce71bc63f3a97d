import { createConnection } from "mysql2/promise";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mysqlStore } from "../../src/stores/mysql/index.ts";
import { postgresStore } from "../../src/stores/postgres/index.ts";
import type { Store } from "../../src/core/ports.ts";
import { describeWithServer } from "../servers/describe-with-server.ts";
import { isMariadbAvailable, startMariadb, type MariadbServer } from "../servers/mariadb.ts";
import { isPostgresAvailable, startPostgres, type PostgresServer } from "../servers/postgres.ts";
import { runCli, temporaryFolder } from "./run-cli.ts";

interface Grants {
  readonly outcome: string;
  readonly roles: readonly { readonly role: string; readonly user: string; readonly statements: string[] }[];
}

async function printed(store: string): Promise<Grants> {
  const words = ["migrate", "--print-grants", "--json", "--store", store];
  const { exitCode, stdout } = await runCli(words, { cwd: temporaryFolder() });
  expect(exitCode).toBe(0);
  return JSON.parse(stdout) as Grants;
}

/** Each user can do its own work, but not another's. */
async function doTheirWork(
  { roles }: Grants,
  run: (statement: string) => Promise<unknown>,
  openAs: (user: string) => Store,
): Promise<void> {
  const stores = new Map<string, Store>();
  for (const { role, user, statements } of roles) {
    for (const statement of statements) await run(statement);
    const store = openAs(user);
    stores.set(role, store);
    if (role === "migrate") await store.migrate?.();
  }
  const [deploy, app] = [stores.get("deploy"), stores.get("app")];
  expect(await deploy?.write("shop", "one", 0, "v1.0")).toBe(true);
  expect(await deploy?.write("shop", "two", 1, "v1.1")).toBe(true);
  expect(await app?.read("shop")).toMatchObject({ version: 2, value: "two" });
  // Often enough to sweep expired reports once.
  for (let times = 0; times < 60; times++) await app?.reports?.put("shop", "instance", "{}", 60_000);
  expect((await app?.reports?.list("shop"))?.reports).toHaveLength(1);
  expect((await deploy?.reports?.list("shop"))?.reports).toHaveLength(1);
  await deploy?.migrate?.();
  await expect(app?.write("shop", "three", 2)).rejects.toMatchObject({
    code: "store-failed",
    remedy: expect.stringContaining("--print-grants") as string,
  });
  await expect(deploy?.reports?.put("shop", "other", "{}", 60_000)).rejects.toMatchObject({
    code: "store-denied",
    remedy: expect.stringContaining("--print-grants") as string,
  });
  await Promise.all([...stores.values()].map((store) => store.close()));
}

const postgresServer = { available: isPostgresAvailable(), packageName: "postgresql" };

describeWithServer("migrate --print-grants on PostgreSQL", postgresServer, () => {
  let postgres: PostgresServer;
  let admin: Client;
  beforeAll(async () => {
    postgres = await startPostgres();
    admin = new Client({ connectionString: postgres.url });
    await admin.connect();
    for (const user of ["migrate_user", "deploy_user", "app_user"])
      await admin.query(`create role ${user} login`);
  });
  afterAll(async () => {
    await admin.end();
    await postgres.stop();
  });

  test.each(["", "?schema=Deploy%20records"])(
    "prints what each user needs, and no more: %s",
    async (query) => {
      const as = (user: string): string => `${postgres.url.replace("postgres@", `${user}@`)}${query}`;
      const grants = await printed(as("nobody"));
      expect(grants.outcome).toBe("printed");
      await doTheirWork(
        grants,
        (statement) => admin.query(statement),
        (user) => postgresStore({ url: as(user) }),
      );
      expect(postgres.errors().filter((line) => !line.includes("permission denied"))).toEqual([]);
    },
  );
});

const mariadbServer = { available: isMariadbAvailable(), packageName: "mariadb-server" };

describeWithServer("migrate --print-grants on MariaDB", mariadbServer, () => {
  let mariadb: MariadbServer;
  beforeAll(async () => {
    mariadb = await startMariadb();
  });
  afterAll(() => mariadb.stop());

  test("prints what each user needs, and no more", async () => {
    const as = (user: string): string => mariadb.url.replace("app:", `${user}:`);
    const admin = await createConnection({ uri: mariadb.url });
    for (const user of ["migrate_user", "deploy_user", "app_user"])
      await admin.query(`create user '${user}'@'%' identified by ''`);
    await doTheirWork(
      await printed(as("nobody")),
      (statement) => admin.query(statement),
      (user) => mysqlStore({ url: as(user) }),
    );
    await admin.end();
  });
});

describe("migrate --print-grants", () => {
  test("prints SQL as it can be run, with comments, and reaches for no server", async () => {
    const words = ["migrate", "--print-grants", "--store", "postgres://u:hush@127.0.0.1:1/db?schema=ops"];
    const { exitCode, stdout, stderr } = await runCli(words, { cwd: temporaryFolder() });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toContain('grant select on "ops".intermission to app_user;\n');
    expect(stdout).not.toContain("hush");
    for (const line of stdout.trimEnd().split("\n")) expect(line).toMatch(/^(?:|-- .+|.+;)$/);
  });

  test.each(["sqlite:state.db", "redis://127.0.0.1:1", "memory:", "etcd://127.0.0.1:1"])(
    "says of %s that it needs none",
    async (store) => {
      expect(await printed(store)).toMatchObject({ outcome: "not-needed", roles: [] });
    },
  );

  test("says of a module that its server has to be named", async () => {
    expect(await printed("./store.mjs")).toMatchObject({ outcome: "unknown", roles: [] });
  });
});
