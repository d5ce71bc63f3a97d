import { systemClock } from "../../core/runtime.ts";
import { IntermissionError, show } from "../../core/errors.ts";
import type { Store, StoreRecord } from "../../core/ports.ts";
import { countDown, withTimeLimit } from "../../core/time-limit.ts";
import { textOfBytes } from "../shared/bytes.ts";
import { storeClosed, wasNeverSent } from "../shared/failure.ts";
import { redactUrl } from "../shared/url.ts";
import { parseAddress } from "./address.ts";
import {
  borrowPool,
  connectLike,
  connectTo,
  type MysqlCallbackPool,
  type MysqlConnection,
  type MysqlPool,
  type MysqlQuery,
  type MysqlSource,
} from "./client.ts";
import { isAnswer, isRefused, missingTable, numberOf, toFailure } from "./failure.ts";
import { mysqlReports } from "./reports.ts";
import {
  createTable,
  insertRecord,
  selectNow,
  selectRecord,
  updateRecord,
  withTimeout,
} from "./statements.ts";

export type { MysqlCallbackPool, MysqlConnection, MysqlPool, MysqlQuery } from "./client.ts";

export interface MysqlStoreWithPool {
  /**
   * The app's pool, made by `createPool` of `mysql2`, `mysql2/promise` or `mariadb`. It is never closed here:
   * close it after the store. If it is shared, its connections must have autocommit on, which is the default.
   */
  readonly pool: MysqlPool | MysqlCallbackPool;
  readonly url?: undefined;
  /**
   * Opens one or two separate connections with the pool's settings, so that no read queues behind the app's
   * queries. A pool that does not reveal its settings lends one of its connections for good, if it has
   * several. False: reads share the pool.
   * @default true
   */
  readonly own?: boolean | undefined;
}

export interface MysqlStoreWithUrl {
  /**
   * `mysql://USER:PASSWORD@HOST:PORT/DATABASE`, or the same with `mariadb:`. `?ssl-mode=REQUIRED` encrypts,
   * `VERIFY_CA` also verifies who issued the server's certificate, and `VERIFY_IDENTITY` its name too;
   * `ssl-ca` is a file with the CA. Opens up to two connections.
   */
  readonly url: string;
  readonly pool?: undefined;
  readonly own?: undefined;
}

export type MysqlStoreOptions = MysqlStoreWithPool | MysqlStoreWithUrl;

/** Milliseconds in which an operation settles, whatever the server does. */
const readLimit = 1000;
const writeLimit = 3500;

/** Abandoned calls that still wait for a connection in the pool: they would pile up. */
const maximumGivenUp = 4;

const duplicateKey = 1062;
const deadlock = 1213;

/** Overrides the pool's options for rows. */
const plainRows: Omit<MysqlQuery, "sql"> = {
  rowsAsArray: false,
  nestTables: false,
  // `true` would not override a function of the pool.
  typeCast: (_, next) => next(),
};

/** The protocol's SERVER_STATUS_AUTOCOMMIT. */
const autocommit = 2;

/**
 * Keeps the record in a table named `intermission` of a MySQL or MariaDB database. The first write creates
 * it.
 *
 * **No push**: instances read every few seconds, and when an error needs it.
 *
 * @throws IntermissionError `bad-option`
 */
export function mysqlStore(options: MysqlStoreOptions): Store {
  const openSource = toSource(options);
  let opening: Promise<MysqlSource> | undefined;
  let givenUp = 0;
  let closed = false;

  function connect(): Promise<MysqlSource> {
    opening ??= openSource().catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  }

  async function acquire(milliseconds: number): Promise<MysqlConnection> {
    const { pool } = await connect();
    if (givenUp >= maximumGivenUp) throw new Error("the pool has no free connection");
    const connecting = (async () => pool.getConnection())();
    try {
      return await withTimeLimit(systemClock, milliseconds, connecting);
    } catch (error) {
      givenUp++;
      connecting
        .then((late) => {
          late.release();
        })
        .catch(ignore)
        .finally(() => givenUp--);
      throw error;
    }
  }

  async function run(statement: string, remaining: () => number): Promise<unknown> {
    if (closed) throw storeClosed();
    const connection = await acquire(Math.max(1, remaining()));
    const limit = Math.max(1, Math.ceil(remaining()));
    // The server gives up first, so that the connection stays usable.
    const sql = withTimeout(Math.max(1, limit - 100), statement);
    try {
      const answer = connection.query({ sql, timeout: limit, ...plainRows });
      const [result] = await withTimeLimit(systemClock, limit, answer);
      refuseUncommitted(result);
      connection.release();
      return result;
    } catch (error) {
      // `mysql2` would reuse a connection whose answer it no longer waits for.
      if (isAnswer(error)) connection.release();
      else connection.destroy();
      throw error;
    }
  }

  const reports = mysqlReports(run);

  const store: Store = {
    reports,

    place: typeof options.url === "string" ? redactUrl(options.url) : "MySQL, by the app's pool",

    async read(app, knownVersion, knownStart) {
      const remaining = countDown(readLimit);
      const record = async (statement: string): Promise<StoreRecord> => {
        const found = toRecord(await run(statement, remaining));
        const { notice } = await connect();
        return notice === undefined ? found : { ...found, notice };
      };
      try {
        return await record(selectRecord(app, knownVersion ?? -1, knownStart));
      } catch (error) {
        if (numberOf(error) !== missingTable) throw toFailure("could not be read", error);
      }
      try {
        return await record(selectNow);
      } catch (error) {
        throw toFailure("could not be read", error);
      }
    },

    async write(app, value, expectedVersion, currentRelease) {
      const remaining = countDown(writeLimit);
      const statement =
        expectedVersion === 0
          ? insertRecord(app, value, currentRelease)
          : updateRecord(app, value, expectedVersion, currentRelease);
      const write = async (): Promise<boolean> => {
        const { affectedRows } = (await run(statement, remaining)) as { readonly affectedRows: number };
        return affectedRows === 1;
      };
      try {
        return await write().catch(async (error: unknown) => {
          if (numberOf(error) !== missingTable) throw error;
          await run(createTable, remaining);
          return await write();
        });
      } catch (error) {
        const number = numberOf(error);
        if (number === duplicateKey || number === deadlock) return false;
        throw toFailure(
          "could not be written",
          error,
          isRefused(error) || wasNeverSent(error) ? false : undefined,
        );
      }
    },

    async migrate() {
      const remaining = countDown(writeLimit);
      try {
        // If the table exists, the right to create one may be missing.
        await run(selectRecord("", -1), remaining).catch((error: unknown) => {
          if (numberOf(error) !== missingTable) throw error;
          return run(createTable, remaining);
        });
        await reports.migrate();
      } catch (error) {
        throw toFailure("could not be given its table", error);
      }
    },

    async close() {
      if (closed) return;
      closed = true;
      const source = await opening?.catch(() => undefined);
      await source?.close();
    },
  };
  return store;
}

function toSource(options: MysqlStoreOptions): () => Promise<MysqlSource> {
  const { pool, url, own } = options as {
    readonly pool?: unknown;
    readonly url?: unknown;
    readonly own?: unknown;
  };
  const expected = "either pool, a mysql2 pool, or url, such as mysql://USER:PASSWORD@HOST/DATABASE";
  if (pool !== undefined && url === undefined) {
    if (isPool(pool)) {
      return async () =>
        (own === false ? undefined : connectLike(pool)) ?? borrowPool(pool, { reserve: own !== false });
    }
    throw new IntermissionError("bad-option", {
      problem: "The pool of the MySQL store can't be used",
      expected,
      got: show(pool),
    });
  }
  if (pool === undefined && typeof url === "string" && /^(?:mysql|mariadb):\/\//i.test(url.trim())) {
    const address = parseAddress(url);
    return () => connectTo(address);
  }
  throw new IntermissionError("bad-option", {
    problem: "The options of the MySQL store can't be used",
    expected,
    got: pool !== undefined ? "both" : typeof url === "string" ? show(redactUrl(url)) : show(url),
    remedy: "Name a database in the URL, and percent-encode special characters in the user and the password.",
  });
}

function isPool(pool: unknown): pool is MysqlPool | MysqlCallbackPool {
  return (
    typeof pool === "object" &&
    pool !== null &&
    "getConnection" in pool &&
    typeof pool.getConnection === "function"
  );
}

function toRecord(rows: unknown): StoreRecord {
  const [row] = rows as readonly Readonly<Record<string, unknown>>[];
  const now = Number(row?.["now"]);
  // A large number may come as text, depending on the pool's options.
  const version = Number(row?.["version"] ?? 0);
  const value = row?.["value"];
  if (version === 0) return { version: 0, now };
  const text = textOfBytes(value);
  return text === undefined ? { version, unchanged: true, now } : { version, value: text, now };
}

/** Without autocommit a write would be lost with its connection. */
function refuseUncommitted(result: unknown): void {
  if (Array.isArray(result) || typeof result !== "object" || result === null) return;
  if (!("serverStatus" in result) || typeof result.serverStatus !== "number") return;
  if ((result.serverStatus & autocommit) === 0) {
    throw new Error("the connections of the pool have autocommit off: nothing was written");
  }
}

function ignore(): void {}
