import { Client } from "pg";
import { isPostgresAvailable, startPostgres, type PostgresServer } from "../servers/postgres.ts";
import { familyOf } from "./footprint.ts";
import { tryFaults } from "./matrix.ts";
import { isRefused, networkStrikes, refused, startNetworked, type Networked } from "./network-strikes.ts";
import { corruptedRecord, newerRecord } from "./record-strikes.ts";
import type { Strike } from "./subject.ts";
import { waitUntil } from "./wait-until.ts";

type Postgres = Networked<PostgresServer>;

const password = "hush-hush";
const adminPassword = "keys to the cellar";

/** With a user who has an app's rights. */
async function startServer(): Promise<PostgresServer> {
  const server = await startPostgres({ password: adminPassword });
  await server.query(`create role shop login password '${password}'; grant create on schema public to shop`);
  return server;
}

const endSessions = "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'shop'";

/** Changes the app's user, and ends its connections if only a new one is affected. */
function alterRole(
  change: string,
  back: string,
  { ending }: { readonly ending: boolean },
): Strike<Postgres>["begin"] {
  return async ({ main }) => {
    await main.query(`alter role shop ${change}`);
    if (ending) await main.query(endSessions);
    return () => main.query(`alter role shop ${back}`);
  };
}

function holdLock(statement: (app: string) => string): Strike<Postgres>["begin"] {
  return async ({ main }, { app }) => {
    const client = new Client({ connectionString: main.url });
    client.on("error", () => {});
    await client.connect();
    await client.query("begin");
    await client.query(statement(app));
    return () => client.end();
  };
}

tryFaults<Postgres>({
  name: "PostgreSQL",
  first: 1,
  available: isPostgresAvailable(),
  packageName: "postgresql",
  password,
  start: () => startNetworked(startServer),
  versionOf: async ({ main }) => {
    const [row] = await main.query("show server_version");
    return String(row?.["server_version"]).split(" ")[0] ?? "";
  },
  urlOf: ({ main, proxy }, _, network) =>
    `postgres://shop:${password}@127.0.0.1:${String(network ? proxy.port : main.port)}/postgres`,
  strikes: {
    ...networkStrikes,
    stopped: {
      how: "SIGINT, as `pg_ctl stop -m fast` sends it; started again",
      says: refused,
      begin: async ({ main }) => {
        main.kill("SIGINT");
        await waitUntil(() => isRefused(main.port));
        return () => main.restart();
      },
    },
    killed: {
      how: "SIGKILL to the server and its children; started again with its data",
      says: refused,
      begin: async ({ main }) => {
        for (const pid of familyOf(main.pid)) process.kill(pid, "SIGKILL");
        await waitUntil(() => isRefused(main.port));
        return () => main.restart();
      },
    },
    paused: {
      how: "SIGSTOP to the server and its children, SIGCONT 10 s later",
      says: /did not answer .*Check that it is running|no answer.*Check that the server is running|timeout.*Check that/,
      begin: async ({ main }) => {
        const pids = familyOf(main.pid);
        for (const pid of pids) process.kill(pid, "SIGSTOP");
        return () => {
          for (const pid of pids) process.kill(pid, "SIGCONT");
        };
      },
    },
    refused: {
      how: "the user's password is changed, and its connections are ended",
      says: /password authentication failed.*Check the user, the password/,
      begin: alterRole("password 'another'", `password '${password}'`, { ending: true }),
    },
    crowded: {
      how: "the user may have no more connections, and those it has are ended",
      says: /too many connections.*Close connections/,
      begin: alterRole("connection limit 0", "connection limit -1", { ending: true }),
    },
    rowLocked: {
      how: "another transaction holds the row (`select … for update`)",
      says: /could not be written \(.*\)\. Check that nothing holds a lock/,
      begin: holdLock((app) => `select 1 from intermission where app = '${app}' for update`),
    },
    tableLocked: {
      how: "another transaction holds the table (`access exclusive`, as a migration takes it)",
      says: /Check that nothing holds a lock|did not answer/,
      begin: holdLock(() => "lock table intermission in access exclusive mode"),
    },
    readOnly: {
      how: "every new transaction of the user is read-only, as on a replica",
      says: /read-only.*(?:replica|may be written)/,
      begin: alterRole("set default_transaction_read_only = on", "reset default_transaction_read_only", {
        ending: false,
      }),
    },
    full: "A server sets room for its log aside: a write as small as ours goes through, or the server stops. See *stopped*.",
    tableMissing: {
      how: "`drop table intermission`",
      begin: async ({ main }) => {
        await main.query("drop table intermission");
        return () => {};
      },
    },
    newer: newerRecord,
    corrupted: corruptedRecord,
  },
});
