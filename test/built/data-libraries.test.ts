import { readFile } from "node:fs/promises";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createIntermission } from "../../src/engine/create.ts";
import { postgresStore } from "../../src/stores/postgres/index.ts";
import { describeWithServer } from "../servers/describe-with-server.ts";
import { isMariadbAvailable, startMariadb, type MariadbServer } from "../servers/mariadb.ts";
import { isPostgresAvailable, startPostgres, type PostgresServer } from "../servers/postgres.ts";
import { canImport, python } from "../django/python.ts";
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

const django = {
  available: canImport("django, psycopg2"),
  packageName: "python3-django python3-psycopg2",
};
const djangoMigrate = `
import sys, django
from django.conf import settings
from django.core.management import call_command
name, host, port, user = sys.argv[1:]
database = {"ENGINE": "django.db.backends.postgresql", "NAME": name, "HOST": host, "PORT": port, "USER": user}
settings.configure(DATABASES={"default": database}, INSTALLED_APPS=["django.contrib.contenttypes"])
django.setup()
call_command("migrate", verbosity=0)
`;

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

  describe("with the record in its database,", () => {
    let databases = 0;

    /** A database with the record of a release, and a way to run a file of the app or a tool of it there. */
    async function withRecord(schema?: string): Promise<{
      readonly name: string;
      run(file: string, words: readonly string[], env?: Readonly<Record<string, string>>): Promise<void>;
      /** Undefined: it is gone. */
      release(): Promise<string | undefined>;
    }> {
      const name = `schema_tools_${String(databases++)}`;
      await postgres.query(`create database ${name}`);
      const url = postgres.url.replace(/postgres$/, name);
      const client = new Client({ connectionString: url });
      await client.connect();
      // So that no tool has a new table to make, which could be one of ours under another name.
      await client.query("create table orders (id serial primary key, note text)");
      await client.end();
      const options = { store: postgresStore({ url, schema }) };
      const intermission = createIntermission(options, { environment: {}, watching: false });
      await intermission.createRelease("v1.0", { wait: false });
      await options.store.migrate?.();
      return {
        name,
        async run(file, words, env = {}) {
          await run(process.execPath, [file, ...words], {
            cwd: app.folder,
            env: { PATH: process.env["PATH"], HOME: app.folder, DATABASE_URL: url, ...env },
          });
        },
        async release() {
          const releases = await intermission.releases();
          await intermission.close();
          await options.store.close();
          return releases[0]?.id;
        },
      };
    }

    const push = ["node_modules/drizzle-kit/bin.cjs", ["push", "--force"]] as const;

    test.each([
      ["drizzle-kit push", ...push, {}],
      ["TypeORM with dropSchema", "synchronize.js", ["typeorm-drop"], {}],
    ])(
      "%s drops it, so docs/schema-tools.md warns of it; not in its own schema",
      async (_, file, words, env) => {
        const [shared, separate] = await Promise.all([withRecord(), withRecord("intermission")]);
        await Promise.all([shared.run(file, words, env), separate.run(file, words, env)]);
        expect(await Promise.all([shared.release(), separate.release()])).toEqual([undefined, "v1.0"]);
      },
    );

    test.each([
      ["drizzle-kit push, with tablesFilter", ...push, { TABLES_FILTER: "!intermission*" }],
      ["TypeORM's synchronize", "synchronize.js", ["typeorm"], {}],
      ["Sequelize's sync", "synchronize.js", ["sequelize"], {}],
    ])("%s leaves it alone", async (_, file, words, env) => {
      const record = await withRecord();
      await record.run(file, words, env);
      expect(await record.release()).toBe("v1.0");
    });

    describeWithServer("and Django,", django, () => {
      test("migrate leaves it alone", async () => {
        const record = await withRecord();
        const { hostname, port, username } = new URL(postgres.url);
        await run(python, ["-c", djangoMigrate, record.name, hostname, port, username]);
        expect(await record.release()).toBe("v1.0");
      });
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
