import type { Connection } from "mysql2/promise";
import { isMariadbAvailable, startMariadb, type MariadbServer } from "../servers/mariadb.ts";
import { tryFaults } from "./matrix.ts";
import { networkStrikes, signalStrikes, startNetworked, type Networked } from "./network-strikes.ts";
import { corruptedRecord, newerRecord } from "./record-strikes.ts";
import type { Strike } from "./subject.ts";

type Mariadb = Networked<MariadbServer>;

const password = "hush-hush";

/** With a user who has an app's rights. */
async function startServer(): Promise<MariadbServer> {
  const server = await startMariadb();
  await server.query(
    `create user shop@'127.0.0.1' identified by '${password}'; grant all on intermission.* to shop@'127.0.0.1'`,
  );
  return server;
}

async function endSessions(connection: Connection): Promise<void> {
  const [rows] = await connection.query("select id from information_schema.processlist where user = 'shop'");
  for (const { id } of rows as unknown as readonly { readonly id: number }[]) {
    await connection.query(`kill ${String(id)}`).catch(() => {
      // It has ended by itself.
    });
  }
}

function holdLock(statement: (app: string) => string, release: string): Strike<Mariadb>["begin"] {
  return async ({ main }, { app }) => {
    const connection = await main.connect();
    await connection.query(statement(app));
    return async () => {
      await connection.query(release);
      await connection.end();
    };
  };
}

/** Takes every connection that the server has. */
async function crowd({ main }: Mariadb): Promise<() => Promise<void>> {
  const held = [await main.connect()];
  const [first] = held as [Connection];
  await first.query("set global max_connections = 10");
  const fill = async (): Promise<void> => {
    // A user with every right may open one connection above the limit.
    for (;;) held.push(await main.connect());
  };
  await fill().catch(() => {});
  await endSessions(first);
  await fill().catch(() => {});
  return async () => {
    await first.query("set global max_connections = 151");
    await Promise.all(held.map((connection) => connection.end()));
  };
}

tryFaults<Mariadb>({
  name: "MariaDB",
  first: 0,
  available: isMariadbAvailable(),
  packageName: "mariadb-server",
  password,
  start: () => startNetworked(startServer),
  versionOf: async ({ main }) => {
    const [row] = await main.query("select version() as version");
    return String(row?.["version"]).split("-")[0] ?? "";
  },
  urlOf: ({ main, proxy }, _, network) =>
    `mysql://shop:${password}@127.0.0.1:${String(network ? proxy.port : main.port)}/intermission`,
  strikes: {
    ...networkStrikes,
    ...signalStrikes(
      /did not answer .*Check that it is running|no answer.*Check that the server is running|timeout.*Check that/i,
    ),
    refused: {
      how: "the user's password is changed, and its connections are ended",
      says: /Access denied.*Check the user, the password/,
      begin: async ({ main }) => {
        const connection = await main.connect();
        await connection.query("alter user shop@'127.0.0.1' identified by 'another'");
        await endSessions(connection);
        return async () => {
          await connection.query(`alter user shop@'127.0.0.1' identified by '${password}'`);
          await connection.end();
        };
      },
    },
    crowded: {
      how: "others hold all connections that the server has, and those of the user are ended",
      says: /Too many connections.*Close connections/,
      begin: crowd,
    },
    rowLocked: {
      how: "another transaction holds the row (`select … for update`)",
      says: /could not be written \(.*\)\. Check that nothing holds a lock/,
      begin: holdLock(
        (app) => `begin; select 1 from intermission where app = '${app}' for update`,
        "rollback",
      ),
    },
    tableLocked: {
      how: "another session holds the table (`lock tables … write`)",
      says: /Check that nothing holds a lock|did not answer/,
      begin: holdLock(() => "lock tables intermission write", "unlock tables"),
    },
    readOnly: {
      how: "`set global read_only = 1`, as on a replica",
      says: /read.only.*replica/,
      begin: async ({ main }) => {
        await main.query("set global read_only = 1");
        return () => main.query("set global read_only = 0");
      },
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
