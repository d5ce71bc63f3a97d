import { systemClock } from "../../core/runtime.ts";
import { IntermissionError, show } from "../../core/errors.ts";
import type { Store, StoreRecord } from "../../core/ports.ts";
import { countDown, withTimeLimit } from "../../core/time-limit.ts";
import { clientLife } from "../shared/client-life.ts";
import { storeClosed } from "../shared/failure.ts";
import { redactUrl } from "../shared/url.ts";
import { createSubscriber, type Subscriber } from "../shared/subscriber.ts";
import { parseAddress } from "./address.ts";
import { borrowPool, connectByUrl, connectLike } from "./client.ts";
import {
  codeOf,
  createdMeanwhile,
  replicaRefuses,
  toFailure,
  toWriteFailure,
  undefinedTable,
} from "./failure.ts";
import { createListener } from "./listen.ts";
import {
  addressOf,
  hidesRecords,
  noticeElsewhere,
  replicaNotice,
  toFoundTable,
  type FoundTable,
} from "./place.ts";
import type { PostgresPool, PostgresSource } from "./pool.ts";
import { postgresReports } from "./reports.ts";
import { createStatements, withTimeout, type Row } from "./statements.ts";

export type {
  PostgresClient,
  PostgresNotification,
  PostgresPool,
  PostgresPoolClient,
  PostgresQuery,
} from "./pool.ts";

interface PostgresStoreSettings {
  /** The tables' schema. Left out: the first of the search path. */
  readonly schema?: string | undefined;
}

export interface PostgresStoreWithPool extends PostgresStoreSettings {
  /** The app's `pg` Pool, or an equivalent. It is never closed here: close it after the store. */
  readonly pool: PostgresPool;
  readonly url?: undefined;
  /**
   * Opens a separate connection with the pool's settings, so that no read queues behind the app's queries. A
   * pool that does not reveal its settings lends one of its connections for good, if it has several. False:
   * reads share the pool.
   * @default true
   */
  readonly own?: boolean | undefined;
  /**
   * Learn of changes at once, by LISTEN, on the connection that also reads. Needs a direct connection: with a
   * pooler such as PgBouncer, which is detected, the record is read every few seconds.
   * @default false
   */
  readonly listen?: boolean | undefined;
}

export interface PostgresStoreWithUrl extends PostgresStoreSettings {
  /**
   * `postgres://…` or `postgresql://…`; docs/stores.md lists the parameters. Holds one connection, and for
   * short times up to three. `?schema=NAME` is the option `schema`.
   */
  readonly url: string;
  readonly pool?: undefined;
  readonly own?: undefined;
  /**
   * Learn of changes at once, by LISTEN, on the connection that also reads. Can't work through a pooler such
   * as PgBouncer, which is detected and warned about once.
   * @default true
   */
  readonly listen?: boolean | undefined;
}

export type PostgresStoreOptions = PostgresStoreWithPool | PostgresStoreWithUrl;

/** Milliseconds in which an operation settles, whatever the server does. */
const readLimit = 1000;
const writeLimit = 3500;

const serializationFailure = "40001";

/**
 * Keeps the record in a PostgreSQL table named `intermission`. The first write creates it.
 *
 * @throws IntermissionError `bad-option`
 */
export function postgresStore(options: PostgresStoreOptions): Store {
  const { open, schema, address } = toSource(options);
  const statements = createStatements(schema);
  const client = clientLife(open, "the pool has no free connection");
  const listener = createListener(systemClock);
  let subscriber: Subscriber | undefined;
  let hasTable = false;
  let isHiddenKnown = false;
  let seenSchema = schema;

  async function run(statement: string, milliseconds: number): Promise<readonly Row[]> {
    const limit = Math.max(1, Math.ceil(milliseconds));
    if (client.closed) throw storeClosed();
    // The server gives up first, so that the connection stays usable.
    const query = { text: withTimeout(Math.max(1, limit - 100), statement), query_timeout: limit };
    const asked = listener.ask(query, limit);
    return toRows(await (asked ?? client.ask(limit, ({ pool }) => pool.query(query))));
  }

  /**
   * Whether the table exists, and the time. Selecting from a missing table would log an error on the server.
   */
  async function findTable(milliseconds: number): Promise<FoundTable> {
    const [row] = await run(statements.selectTable, milliseconds);
    hasTable = row?.["found"] === true;
    if (typeof row?.["schema"] === "string") seenSchema = row["schema"];
    return toFoundTable(row);
  }

  async function ensureTable(remaining: () => number): Promise<void> {
    for (let attempts = 1; ; attempts++) {
      // If the table exists, the right to create one may be missing.
      const { found, hasSchema, isReplica } = await findTable(remaining());
      if (found) return;
      if (isReplica) throw replicaRefuses();
      try {
        if (!hasSchema && statements.createSchema !== undefined) {
          await run(statements.createSchema, remaining());
        }
        await run(statements.createTable, remaining());
        hasTable = true;
        return;
      } catch (error) {
        if (attempts >= 5 || !createdMeanwhile.has(codeOf(error) ?? "")) throw error;
      }
    }
  }

  async function noticeOf(isReplica: boolean): Promise<{ readonly notice?: string }> {
    if (isReplica) return { notice: replicaNotice };
    const { notice } = await client.connect();
    return notice === undefined ? {} : { notice };
  }

  /** A table whose rows this user must not see looks empty. */
  async function refuseHidden(milliseconds: number): Promise<void> {
    if (isHiddenKnown) return;
    const [row] = await run(statements.selectHidden, milliseconds).catch(() => []);
    if (row?.["hidden"] === true) {
      throw hidesRecords();
    }
    isHiddenKnown = true;
  }

  const reports = postgresReports({ run, schema });

  const store: Store = {
    reports,

    get place() {
      return seenSchema === undefined ? address : `${address}, schema ${seenSchema}`;
    },

    async read(app, knownVersion, knownStart) {
      const remaining = countDown(readLimit);
      try {
        if (!hasTable) {
          const { found, now, isReplica, elsewhere } = await findTable(remaining());
          if (!found)
            return { version: 0, now, ...(await noticeOf(isReplica)), ...noticeElsewhere(elsewhere) };
        }
        const [row] = await run(statements.selectRecord(app, knownVersion ?? -1, knownStart), remaining());
        const record = toRecord(row);
        if (record.version === 0) await refuseHidden(remaining());
        return { ...record, ...(await noticeOf(row?.["replica"] === true)) };
      } catch (error) {
        if (codeOf(error) !== undefinedTable) throw toFailure("could not be read", error);
        hasTable = false;
        isHiddenKnown = false;
        return { version: 0 };
      }
    },

    async write(app, value, expectedVersion, currentRelease) {
      const remaining = countDown(writeLimit);
      const write = async (): Promise<boolean> => {
        if (!hasTable) await ensureTable(remaining);
        const statement = statements.writeRecord(app, value, expectedVersion, currentRelease);
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
        throw toWriteFailure(error);
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
      subscriber?.close();
      // A server that does not answer must not stop an app from shutting down.
      await client.close((source) => withTimeLimit(systemClock, readLimit, source.close()).catch(() => {}));
    },
  };

  if (!(options.listen ?? options.pool === undefined)) return store;
  // Not spread: `place` is computed on each read.
  return Object.assign(store, {
    async watch(app: string, changed: () => void) {
      if (client.closed) throw storeClosed();
      subscriber ??= createSubscriber(async () => listener.listenTo(await client.connect()), systemClock);
      try {
        return await subscriber.watch(app, changed);
      } catch (error) {
        throw toFailure("could not be listened to", error);
      }
    },
  });
}

interface Opening {
  readonly open: () => Promise<PostgresSource>;
  readonly schema: string | undefined;
  /** For messages. */
  readonly address: string;
}

function toSource(options: PostgresStoreOptions): Opening {
  const { pool, url, own, schema } = options as {
    readonly pool?: unknown;
    readonly url?: unknown;
    readonly own?: unknown;
    readonly schema?: string | undefined;
  };
  const expected = "either pool, a pg Pool, or url, such as postgres://USER:PASSWORD@HOST/DATABASE";
  if (pool !== undefined && url === undefined) {
    if (isPool(pool)) {
      const open = async (): Promise<PostgresSource> =>
        (own === false ? undefined : connectLike(pool)) ?? borrowPool(pool, { reserve: own !== false });
      return { open, schema, address: addressOf(pool) };
    }
    throw new IntermissionError("bad-option", {
      problem: "The pool of the PostgreSQL store can't be used",
      expected,
      got: show(pool),
    });
  }
  if (pool === undefined && typeof url === "string" && /^postgres(?:ql)?:\/\//i.test(url.trim())) {
    const address = parseAddress(url);
    return {
      open: () => connectByUrl(address),
      schema: schema ?? address.schema,
      address: redactUrl(url),
    };
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

/** From the last statement: for several in one message, `pg` returns a list. */
function toRows(result: unknown): readonly Row[] {
  const last: unknown = Array.isArray(result) ? result.at(-1) : result;
  const { rows } = (last ?? {}) as { readonly rows?: readonly Row[] };
  if (!Array.isArray(rows)) throw new Error("what was given as a pool does not answer as one of pg does");
  return rows as readonly Row[];
}

function toRecord(row: Row | undefined): StoreRecord {
  // `pg` returns bigint and numeric as text, unless the app has configured it otherwise.
  const now = Number(row?.["now"]);
  const version = Number(row?.["version"] ?? 0);
  const value = row?.["value"];
  if (version === 0) return { version: 0, now };
  return typeof value === "string" ? { version, value, now } : { version, unchanged: true, now };
}
