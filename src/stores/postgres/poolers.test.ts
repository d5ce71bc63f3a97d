import { setTimeout as pause } from "node:timers/promises";
import { Pool } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeWithServer } from "../../../test/servers/describe-with-server.ts";
import {
  isPgBouncerAvailable,
  isPgPoolAvailable,
  startPgBouncer,
  startPgPool,
  type Pooler,
} from "../../../test/servers/poolers.ts";
import { isPostgresAvailable, startPostgres, type PostgresServer } from "../../../test/servers/postgres.ts";
import { createIntermission } from "../../engine/create.ts";
import { openStore } from "../open.ts";
import { postgresStore } from "./index.ts";

const quiet = { warn() {}, error() {} };

/** Session state that the next client of a shared connection would inherit. */
const leftovers = `select current_setting('statement_timeout') as timeout,
  (select count(*)::int from pg_prepared_statements) as statements,
  (select count(*)::int from pg_listening_channels()) as channels`;

const poolers: Readonly<Record<string, (port: number) => Promise<Pooler>>> = {
  "PgBouncer, session": (port) => startPgBouncer(port, "session", 8),
  "PgBouncer, transaction": (port) => startPgBouncer(port, "transaction"),
  "PgBouncer, statement": (port) => startPgBouncer(port, "statement"),
  pgpool: startPgPool,
};

describeWithServer(
  "PostgreSQL behind a pooler",
  {
    available: isPostgresAvailable() && isPgBouncerAvailable() && isPgPoolAvailable(),
    packageName: "postgresql pgbouncer pgpool2",
  },
  () => {
    let postgres: PostgresServer;
    beforeAll(async () => {
      postgres = await startPostgres();
    });
    afterAll(async () => {
      await postgres.stop();
    });

    describe.each(Object.keys(poolers))("%s", (name) => {
      let pooler: Pooler;
      let app: Pool;
      beforeAll(async () => {
        pooler = await (poolers[name] as (typeof poolers)[string])(postgres.port);
        app = new Pool({ connectionString: pooler.url, max: 2 });
        app.on("error", () => {});
      });
      afterAll(async () => {
        await app.end();
        await pooler.stop();
      });

      /** Runs it on every connection of the pooler by keeping each busy for a moment. */
      const askEverywhere = async (statement: string): Promise<readonly unknown[]> => {
        const answers = await Promise.all(
          [1, 2].map(() => app.query(`select pg_sleep(0.1); ${statement}`) as unknown as Promise<unknown>),
        );
        return answers.map((answer) => (answer as { rows: unknown[] }[]).at(-1)?.rows[0]);
      };

      test.each([
        ["its URL", () => openStore(pooler.url)],
        ["its URL with ?pgbouncer=true", () => openStore(`${pooler.url}?pgbouncer=true`)],
        ["the app's pool", () => postgresStore({ pool: app })],
        ["the app's pool, to listen", () => postgresStore({ pool: app, listen: true })],
      ])("by %s: the app's connections stay as they are, and no error is raw", async (how, open) => {
        const names = { app: `${name} ${how}`.slice(0, 127), release: "v1" };
        const logged = postgres.errors().length;
        const stores = [open(), open(), open()];
        const instances = stores.map((store) =>
          createIntermission({ store, ...names, refreshEvery: 500, logger: quiet }),
        );
        const deploy = createIntermission({ store: pooler.url, ...names, release: "v2", logger: quiet });
        await deploy.createRelease("v1", { wait: false });
        await Promise.all(instances.map((instance) => instance.ready()));
        // Longer than a second read, with push started.
        await pause(800);
        expect(await askEverywhere(leftovers)).toEqual(
          Array.from({ length: 2 }, () => ({ timeout: "0", statements: 0, channels: 0 })),
        );
        // Longer than all our limits on a read.
        const slow = app.query("select pg_sleep(1.3)");
        await deploy.createRelease("v2");
        const verdicts = await Promise.all(instances.map((instance) => instance.decide()));
        expect(verdicts.map(({ reason }) => reason)).toEqual(stores.map(() => "release-mismatch"));
        await slow;
        await Promise.all([deploy, ...instances].map((one) => one.close()));
        await Promise.all(stores.map((store) => store.close()));
        expect(await askEverywhere(leftovers)).toEqual(
          Array.from({ length: 2 }, () => ({ timeout: "0", statements: 0, channels: 0 })),
        );
        // On a busy machine our own limit may end our query; the app's query is checked above.
        const late = "canceling statement due to statement timeout";
        expect(
          postgres
            .errors()
            .slice(logged)
            .filter((line) => !line.includes(late)),
        ).toEqual([]);
      });
    });

    test("is told of once, by what was found and what to do", async () => {
      const pooler = await startPgBouncer(postgres.port, "transaction");
      const warnings: string[] = [];
      const instance = createIntermission({
        store: pooler.url,
        app: "told",
        refreshEvery: 100,
        logger: quiet,
        onWarning: ({ code, message }) => {
          if (code === "push-unavailable") warnings.push(message);
        },
      });
      await instance.ready();
      await expect.poll(() => warnings).toHaveLength(1);
      await pause(500);
      expect(warnings).toEqual([expect.stringMatching(/pooler.*\?listen=false/) as string]);
      await instance.close();
      await pooler.stop();
    });
  },
);
