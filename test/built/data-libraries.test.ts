import { readFile } from "node:fs/promises";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWithServer } from "../servers/describe-with-server.ts";
import { isMariadbAvailable, startMariadb, type MariadbServer } from "../servers/mariadb.ts";
import { isPostgresAvailable, startPostgres, type PostgresServer } from "../servers/postgres.ts";
import { buildApp, type BuiltApp } from "./built-app.ts";
import { thisNode } from "./nodes.ts";

const run = promisify(execFile);
const packages = {
  "@prisma/adapter-pg": "7.10.1",
  "drizzle-kit": "0.31.11",
  "drizzle-orm": "0.45.4",
  knex: "3.3.0",
  kysely: "0.29.9",
  mariadb: "3.5.4",
  mysql2: "3.24.6",
  pg: "8.23.1",
  postgres: "3.4.9",
  "reflect-metadata": "0.2.2",
  sequelize: "6.37.8",
  typeorm: "1.1.1",
};
const server = {
  available: isPostgresAvailable() && isMariadbAvailable(),
  packageName: "postgresql mariadb-server",
};

describeWithServer("an app with an ORM or a query builder", server, () => {
  let app: BuiltApp;
  let postgres: PostgresServer;
  let mariadb: MariadbServer;

  beforeAll(async () => {
    [app, postgres, mariadb] = await Promise.all([
      buildApp({ name: "data-libraries", packages, node: thisNode }),
      startPostgres(),
      startMariadb(),
    ]);
  });
  afterAll(() => Promise.all([app.remove(), postgres.stop(), mariadb.stop()]));

  test("hands in what docs/stores.md says, and its slow queries keep no release from being noticed", async () => {
    const script = join(app.folder, "hand-in.js");
    const { stdout } = await run(process.execPath, [script, postgres.url, mariadb.url], { cwd: app.folder });
    const works = { written: true, besideSlowQueries: "value" };
    const shared = (text: string): object => ({
      written: true,
      notice: expect.stringContaining(text) as string,
    });
    expect(JSON.parse(stdout)).toEqual({
      pg: works,
      "Drizzle, pg": works,
      "Kysely, pg": works,
      "TypeORM, pg": works,
      "Prisma, pg": works,
      "Knex, pg": works,
      "Sequelize, pg": works,
      "postgres.js": expect.objectContaining(shared("shares all connections")) as object,
      mysql2: works,
      "mysql2, with promises": works,
      "Drizzle, mysql2": works,
      "Kysely, mysql2": works,
      "TypeORM, mysql2": works,
      "Knex, mysql2": works,
      "Sequelize, mysql2": works,
      mariadb: expect.objectContaining(shared("shares all connections")) as object,
      "Knex itself": "bad-option",
      "postgres.js itself": "bad-option",
    });
  });

  test("finds in docs/stores.md what was tried", async () => {
    const [docs, script] = await Promise.all([
      readFile("docs/stores.md", "utf8"),
      readFile(join(import.meta.dirname, "data-libraries/hand-in.js"), "utf8"),
    ]);
    const [, section = ""] = docs.split("## Your own pool\n");
    const table = section.slice(0, section.indexOf("\n### "));
    const expressions = [...table.matchAll(/`(pool: [^`]+)`/g)].map(([, text = ""]) => text);
    expect(expressions.length).toBeGreaterThan(3);
    for (const text of [...expressions, /const pool = .*unsafe.*/.exec(docs)?.[0] ?? "no snippet"]) {
      expect(script).toContain(text);
    }
  });
});
