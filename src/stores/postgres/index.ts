import { systemClock } from "../../core/clock.ts";
import { IntermissionError, show } from "../../core/errors.ts";
import type { Store, StoreRecord } from "../../core/ports.ts";
import { storeClosed } from "../shared/failure.ts";
import { redactUrl } from "../shared/redact-url.ts";
import { createSubscriber, type Subscriber } from "../shared/subscriber.ts";
import { withTimeLimit } from "../shared/time-limit.ts";
import {
  borrowPool,
  connectByUrl,
  type PostgresPool,
  type PostgresQuery,
  type PostgresSource,
} from "./client.ts";
import { codeOf, createdMeanwhile, toFailure, undefinedTable } from "./failure.ts";
import { createListener } from "./listen.ts";
import { postgresReports } from "./reports.ts";
import {
  createTable,
  preparedRecord,
  selectRecord,
  selectTable,
  withTimeout,
  writeRecord,
} from "./statements.ts";

export type {
  PostgresClient,
  PostgresNotification,
  PostgresPool,
  PostgresPoolClient,
  PostgresQuery,
} from "./client.ts";

export interface PostgresStoreWithPool {
  /** A `pg` Pool of the app, or what can do the same. It is never closed here: close it after the store. */
  readonly pool: PostgresPool;
  readonly url?: undefined;
  /**
   * Learn of changes at once, by LISTEN. It holds one connection of the pool for good, reads there too, and needs a
   * direct connection: through PgBouncer in transaction mode nothing ever arrives (and nothing breaks: the record is
   * read every few seconds all the same).
   * @default false
   */
  readonly listen?: boolean | undefined;
}

export interface PostgresStoreWithUrl {
  /** `postgres://…` or `postgresql://…`, as `pg` takes it. Holds one connection, and opens up to three for a while. */
  readonly url: string;
  readonly pool?: undefined;
  /**
   * Learn of changes at once, by LISTEN, on the connection that also reads. Turn it off for PgBouncer in transaction
   * mode.
   * @default true
   */
  readonly listen?: boolean | undefined;
}

export type PostgresStoreOptions = PostgresStoreWithPool | PostgresStoreWithUrl;

/** Milliseconds in which an operation settles, whatever the server does. */
const readLimit = 1000;
const writeLimit = 3500;

/** Queries that were given up here but still wait in the pool: without a free connection they would pile up. */
const maximumGivenUp = 4;

const serializationFailure = "40001";

/**
 * Keeps the record in a PostgreSQL table named `intermission`, in the first schema of the search path. The first write
 * makes it.
 *
 * @throws IntermissionError `bad-option`
 */
export function postgresStore(options: PostgresStoreOptions): Store {
  const openSource = toSource(options);
  let opening: Promise<PostgresSource> | undefined;
  const listener = createListener(systemClock);
  let subscriber: Subscriber | undefined;
  let givenUp = 0;
  let hasTable = false;
  let closed = false;

  function connect(): Promise<PostgresSource> {
    opening ??= openSource().catch((error: unknown) => {
      opening = undefined;
      throw error;
    });
    return opening;
  }

  /** @param asRead The same for the connection that listens, where it may be asked there. */
  async function run(
    statement: string,
    milliseconds: number,
    asRead?: PostgresQuery,
  ): Promise<readonly Row[]> {
    if (closed) throw storeClosed();
    const limit = Math.max(1, Math.ceil(milliseconds));
    const { pool } = await connect();
    const asked = asRead && listener.ask({ ...asRead, query_timeout: limit }, limit);
    if (asked !== undefined) return toRows(await asked);
    if (givenUp >= maximumGivenUp) throw new Error("the pool has no free connection");
    // The server gives up first: then the connection can be used again.
    const query = { text: withTimeout(Math.max(1, limit - 100), statement), query_timeout: limit };
    const answer = (async () => pool.query(query))();
    try {
      return toRows(await withTimeLimit(systemClock, limit, answer));
    } catch (error) {
      const settled = (): void => {
        givenUp--;
      };
      givenUp++;
      answer.then(settled, settled);
      throw error;
    }
  }

  /** Whether the table is there, and the time. Asks: a select from a table that is missing costs the connection. */
  async function findTable(
    milliseconds: number,
    asRead?: PostgresQuery,
  ): Promise<{ readonly found: boolean; readonly now: number }> {
    const [row] = await run(selectTable, milliseconds, asRead);
    hasTable = Number(row?.["found"]) === 1;
    return { found: hasTable, now: Number(row?.["now"]) };
  }

  async function ensureTable(remaining: () => number): Promise<void> {
    for (let attempts = 1; ; attempts++) {
      // Where the table exists already, the right to create one may be missing.
      if ((await findTable(remaining())).found) return;
      try {
        await run(createTable, remaining());
        hasTable = true;
        return;
      } catch (error) {
        if (attempts >= 5 || !createdMeanwhile.has(codeOf(error) ?? "")) throw error;
      }
    }
  }

  const reports = postgresReports({
    // One comes every 15 seconds: elsewhere, each would keep a second connection from being given back.
    run: (statement, milliseconds) => run(statement, milliseconds, { text: statement }),
  });

  const store: Store = {
    reports,

    async read(app, knownVersion) {
      const remaining = countDown(readLimit);
      try {
        if (!hasTable) {
          const { found, now } = await findTable(remaining(), { text: selectTable });
          if (!found) return { version: 0, now };
        }
        const known = knownVersion ?? -1;
        return toRecord(await run(selectRecord(app, known), remaining(), preparedRecord(app, known)));
      } catch (error) {
        if (codeOf(error) !== undefinedTable) throw toFailure("could not be read", error);
        hasTable = false;
        return { version: 0 };
      }
    },

    async write(app, value, expectedVersion, currentRelease) {
      const remaining = countDown(writeLimit);
      const write = async (): Promise<boolean> => {
        if (!hasTable) await ensureTable(remaining);
        const statement = writeRecord(app, value, expectedVersion, currentRelease);
        return (await run(statement, remaining())).length === 1;
      };
      try {
        return await write().catch((error: unknown) => {
          if (codeOf(error) !== undefinedTable) throw error;
          hasTable = false;
          return write();
        });
      } catch (error) {
        if (codeOf(error) === serializationFailure) return false;
        throw toFailure("could not be written", error);
      }
    },

    async migrate() {
      try {
        await ensureTable(countDown(writeLimit));
        await reports.migrate();
      } catch (error) {
        throw toFailure("could not be given its table", error);
      }
    },

    async close() {
      if (closed) return;
      closed = true;
      subscriber?.close();
      const source = await opening?.catch(() => undefined);
      // A server that does not answer must not keep an app from shutting down.
      if (source !== undefined) await withTimeLimit(systemClock, readLimit, source.close()).catch(() => {});
    },
  };

  if (!(options.listen ?? options.pool === undefined)) return store;
  return {
    ...store,
    async watch(app, changed) {
      if (closed) throw storeClosed();
      subscriber ??= createSubscriber(async () => listener.listenTo(await connect()), systemClock);
      try {
        return await subscriber.watch(app, changed);
      } catch (error) {
        throw toFailure("could not be listened to", error);
      }
    },
  };
}

type Row = Readonly<Record<string, unknown>>;

function toSource(options: PostgresStoreOptions): () => Promise<PostgresSource> {
  const { pool, url } = options as { readonly pool?: unknown; readonly url?: unknown };
  const expected = "either pool, a pg Pool, or url, such as postgres://USER:PASSWORD@HOST/DATABASE";
  if (pool !== undefined && url === undefined) {
    if (isPool(pool)) return async () => borrowPool(pool);
    throw new IntermissionError("bad-option", {
      problem: "The pool of the PostgreSQL store can't be used",
      expected,
      got: show(pool),
    });
  }
  if (pool === undefined && typeof url === "string" && /^postgres(?:ql)?:\/\//i.test(url)) {
    return () => connectByUrl(url);
  }
  throw new IntermissionError("bad-option", {
    problem: "The options of the PostgreSQL store can't be used",
    expected,
    got: pool !== undefined ? "both" : typeof url === "string" ? show(redactUrl(url)) : show(url),
  });
}

function isPool(pool: unknown): pool is PostgresPool {
  return typeof pool === "object" && pool !== null && "query" in pool && typeof pool.query === "function";
}

/** Of the last statement: `pg` answers a message of several statements with a list. */
function toRows(result: unknown): readonly Row[] {
  const last: unknown = Array.isArray(result) ? result.at(-1) : result;
  return (last as { readonly rows: readonly Row[] }).rows;
}

function toRecord([row]: readonly Row[]): StoreRecord {
  // `pg` gives bigint and numeric as text, unless the app has taught it otherwise.
  const now = Number(row?.["now"]);
  const version = Number(row?.["version"] ?? 0);
  const value = row?.["value"];
  if (version === 0) return { version: 0, now };
  return typeof value === "string" ? { version, value, now } : { version, unchanged: true, now };
}

function countDown(milliseconds: number): () => number {
  const deadline = systemClock.now() + milliseconds;
  return () => deadline - systemClock.now();
}
