/*
 * Hands in what each library has as a pool, and prints what came of it, as JSON.
 *
 * node hand-in.js POSTGRES-URL MYSQL-URL
 */
import "reflect-metadata";
import { drizzle as drizzlePostgres } from "drizzle-orm/node-postgres";
import { drizzle as drizzleMysql } from "drizzle-orm/mysql2";
import { mysqlStore } from "intermission/stores/mysql";
import { postgresStore } from "intermission/stores/postgres";
import createKnex from "knex";
import { Kysely, MysqlDialect, PostgresDialect } from "kysely";
import mariadb from "mariadb";
import mysql from "mysql2";
import pg from "pg";
import postgres from "postgres";
import { PrismaPg } from "@prisma/adapter-pg";
import { Sequelize } from "sequelize";
import { DataSource } from "typeorm";

const [postgresUrl, mysqlUrl] = process.argv.slice(2);

/* Each: what the app has (`query`, `end`), with one or two connections, and the store that it hands in. */
const cases = {
  async pg() {
    const pool = new pg.Pool({ connectionString: postgresUrl, max: 1 });
    return { store: postgresStore({ pool }), query: (sql) => pool.query(sql), end: () => pool.end() };
  },
  async "Drizzle, pg"() {
    const db = drizzlePostgres({ connection: { connectionString: postgresUrl, max: 1 } });
    return {
      store: postgresStore({ pool: db.$client }),
      query: (sql) => db.execute(sql),
      end: () => db.$client.end(),
    };
  },
  async "Kysely, pg"() {
    const pool = new pg.Pool({ connectionString: postgresUrl, max: 1 });
    const db = new Kysely({ dialect: new PostgresDialect({ pool }) });
    return {
      store: postgresStore({ pool }),
      query: (sql) => db.executeQuery({ sql, parameters: [], query: { kind: "RawNode" } }),
      end: () => db.destroy(),
    };
  },
  async "TypeORM, pg"() {
    const dataSource = new DataSource({ type: "postgres", url: postgresUrl, extra: { max: 1 } });
    await dataSource.initialize();
    return {
      store: postgresStore({ pool: dataSource.driver.master }),
      query: (sql) => dataSource.query(sql),
      end: () => dataSource.destroy(),
    };
  },
  async "Prisma, pg"() {
    const pool = new pg.Pool({ connectionString: postgresUrl, max: 1 });
    const adapter = await new PrismaPg(pool).connect();
    return {
      store: postgresStore({ pool }),
      query: (sql) => adapter.queryRaw({ sql, args: [], argTypes: [] }),
      async end() {
        await adapter.dispose();
        await pool.end();
      },
    };
  },
  async "postgres.js"() {
    const sql = postgres(postgresUrl, { max: 2, onnotice: () => {} });
    const pool = { query: async ({ text }) => ({ rows: (await sql.unsafe(text)).at(-1) }) };
    return { store: postgresStore({ pool }), query: (text) => sql.unsafe(text), end: () => sql.end() };
  },
  async "Knex, pg"() {
    const knex = createKnex({ client: "pg", connection: postgresUrl, pool: { min: 0, max: 1 } });
    return {
      store: postgresStore({ url: postgresUrl }),
      query: (sql) => knex.raw(sql),
      end: () => knex.destroy(),
    };
  },
  async "Sequelize, pg"() {
    const sequelize = new Sequelize(postgresUrl, { logging: false, pool: { max: 1 } });
    return {
      store: postgresStore({ url: postgresUrl }),
      query: (sql) => sequelize.query(sql),
      end: () => sequelize.close(),
    };
  },
  async mysql2() {
    const pool = mysql.createPool({ uri: mysqlUrl, connectionLimit: 1 });
    return {
      store: mysqlStore({ pool }),
      query: (sql) => pool.promise().query(sql),
      end: () => pool.promise().end(),
    };
  },
  async "mysql2, with promises"() {
    const pool = mysql.createPool({ uri: mysqlUrl, connectionLimit: 1 }).promise();
    return { store: mysqlStore({ pool }), query: (sql) => pool.query(sql), end: () => pool.end() };
  },
  async mariadb() {
    const pool = mariadb.createPool(`${mysqlUrl.replace("mysql:", "mariadb:")}?connectionLimit=2`);
    return { store: mysqlStore({ pool }), query: (sql) => pool.query(sql), end: () => pool.end() };
  },
  async "Drizzle, mysql2"() {
    const db = drizzleMysql({ connection: { uri: mysqlUrl, connectionLimit: 1 } });
    return {
      store: mysqlStore({ pool: db.$client }),
      query: (sql) => db.execute(sql),
      end: () => db.$client.promise().end(),
    };
  },
  async "Kysely, mysql2"() {
    const pool = mysql.createPool({ uri: mysqlUrl, connectionLimit: 1 });
    const db = new Kysely({ dialect: new MysqlDialect({ pool }) });
    return {
      store: mysqlStore({ pool }),
      query: (sql) => db.executeQuery({ sql, parameters: [], query: { kind: "RawNode" } }),
      end: () => db.destroy(),
    };
  },
  async "TypeORM, mysql2"() {
    const dataSource = new DataSource({ type: "mysql", url: mysqlUrl, poolSize: 1 });
    await dataSource.initialize();
    return {
      store: mysqlStore({ pool: dataSource.driver.pool }),
      query: (sql) => dataSource.query(sql),
      end: () => dataSource.destroy(),
    };
  },
  async "Knex, mysql2"() {
    const knex = createKnex({ client: "mysql2", connection: mysqlUrl, pool: { min: 0, max: 1 } });
    return { store: mysqlStore({ url: mysqlUrl }), query: (sql) => knex.raw(sql), end: () => knex.destroy() };
  },
  async "Sequelize, mysql2"() {
    const sequelize = new Sequelize(mysqlUrl, { logging: false, pool: { max: 1 } });
    return {
      store: mysqlStore({ url: mysqlUrl }),
      query: (sql) => sequelize.query(sql),
      end: () => sequelize.close(),
    };
  },
};

async function handIn(name, app, open) {
  const { store, query, end } = await open();
  const sleep = /pg$|postgres/.test(name) ? "select 1 as one from pg_sleep(1.5)" : "select sleep(1.5)";
  const written = await store.write(app, "value", 0);
  const { notice } = await store.read(app);
  // The app's queries fill its pool, as slow ones do in a deploy.
  const slow = [query(sleep), query(sleep)];
  const { value } = await store.read(app).catch((error) => ({ value: error.message }));
  await Promise.all(slow);
  await store.close();
  await query("select 1 as one");
  await end();
  return { written, ...(notice === undefined ? {} : { notice }), besideSlowQueries: value };
}

const results = {};
await Promise.all(
  Object.entries(cases).map(async ([name, open], index) => {
    results[name] = await handIn(name, `app-${index}`, open).catch((error) => ({ failed: error.stack }));
  }),
);

const refused = (make) => {
  try {
    make();
    return "accepted";
  } catch (error) {
    return error.code;
  }
};
const knex = createKnex({ client: "pg" });
results["Knex itself"] = refused(() => postgresStore({ pool: knex }));
results["postgres.js itself"] = refused(() => postgresStore({ pool: postgres(postgresUrl) }));
process.stdout.write(JSON.stringify(results));
