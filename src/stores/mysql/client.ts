import { clientUnavailable, loadPackage, rethrow, sharesPool } from "../shared/failure.ts";
import type { MysqlAddress } from "./address.ts";

/** A `mysql2` query. */
export interface MysqlQuery {
  readonly sql: string;
  /** Milliseconds after which `mysql2` stops waiting. */
  readonly timeout?: number;
  readonly rowsAsArray?: boolean;
  readonly nestTables?: boolean;
  readonly typeCast?: (field: unknown, next: () => unknown) => unknown;
}

/** The part of a pooled `mysql2` connection that the store uses. */
export interface MysqlConnection {
  query(query: MysqlQuery): Promise<readonly unknown[]>;
  release(): void;
  destroy(): void;
}

/** The part of a `mysql2/promise` pool that the store uses. */
export interface MysqlPool {
  getConnection(): Promise<MysqlConnection>;
}

/** A `mysql2` pool with callbacks, which contains one with promises. */
export interface MysqlCallbackPool {
  promise(): MysqlPool;
}

export interface MysqlSource {
  readonly pool: MysqlPool;
  /** A problem to warn about. */
  readonly notice?: string;
  close(): Promise<void>;
}

/** For the store's own connections. */
const ownSettings = {
  /** Milliseconds until a connection attempt is given up. */
  connectTimeout: 2000,
  enableKeepAlive: true,
  keepAliveInitialDelay: 10_000,
};

/** One more than a read needs, so that one waiting for a lock does not block the other. */
const maximumConnections = 2;

/**
 * The store's own small pool.
 *
 * @throws IntermissionError `client-missing`
 */
export async function connectTo(address: MysqlAddress): Promise<MysqlSource> {
  const { createPool } = await loadMysql();
  // A `maxIdle` below the limit would start a timer that keeps the process alive.
  return ownPool(
    createPool({ ...address, ...ownSettings, connectionLimit: maximumConnections, charset: "utf8mb4" }),
  );
}

interface OwnPool extends MysqlCallbackPool {
  on(event: "connection", listener: (connection: OwnConnection) => void): unknown;
  end(callback: () => void): void;
}

interface OwnConnection {
  readonly stream: MysqlStream;
  on(event: "error", listener: () => void): unknown;
}

interface MysqlStream {
  on(event: "close", listener: () => void): unknown;
  unref(): unknown;
  destroySoon(): void;
}

function ownPool(pool: unknown): MysqlSource {
  const own = pool as OwnPool;
  const streams = new Set<MysqlStream>();
  own.on("connection", (connection) => {
    const { stream } = connection;
    streams.add(stream);
    stream.on("close", () => streams.delete(stream));
    stream.unref();
    connection.on("error", ignore);
  });
  return {
    pool: own.promise(),
    async close() {
      own.end(ignore);
      // A server that does not answer would not close its side either.
      for (const stream of streams) stream.destroySoon();
    },
  };
}

/**
 * Separate connections with the settings of the app's pool: a read must not queue behind the app's queries,
 * which a deploy slows down. Undefined: this pool does not reveal how to make another.
 */
export function connectLike(pool: MysqlPool | MysqlCallbackPool): MysqlSource | undefined {
  const { core, config } = partsOf(pool);
  const { connectionConfig } = config;
  const { constructor } = core;
  if (typeof connectionConfig !== "object" || connectionConfig === null) return undefined;
  if (typeof constructor !== "function" || constructor === Object) return undefined;
  try {
    // Some of its fields are not enumerable.
    const settings: object = Object.create(
      Object.getPrototypeOf(connectionConfig) as object,
      Object.getOwnPropertyDescriptors(connectionConfig),
    ) as object;
    const own: unknown = Reflect.construct(constructor, [
      {
        config: {
          ...config,
          connectionConfig: Object.assign(settings, ownSettings),
          waitForConnections: true,
          queueLimit: 0,
          resetOnRelease: false,
          connectionLimit: maximumConnections,
          maxIdle: maximumConnections,
        },
      },
    ]);
    return isOwnPool(own) ? ownPool(own) : undefined;
  } catch {
    return undefined;
  }
}

function isOwnPool(pool: unknown): boolean {
  const { on, end, promise } = pool as Readonly<Record<keyof OwnPool, unknown>>;
  return [on, end, promise].every((method) => typeof method === "function");
}

/** A pool with promises contains the one with callbacks, which has the settings. */
function partsOf(pool: MysqlPool | MysqlCallbackPool): {
  readonly core: object;
  readonly config: Readonly<Record<string, unknown>>;
} {
  const inner = "pool" in pool && typeof pool.pool === "object" ? pool.pool : pool;
  const core = inner ?? pool;
  const config = "config" in core && typeof core.config === "object" ? core.config : undefined;
  return { core, config: (config ?? {}) as Readonly<Record<string, unknown>> };
}

/** The app's pool: used, never closed. */
export function borrowPool(
  pool: MysqlPool | MysqlCallbackPool,
  { reserve }: { readonly reserve: boolean },
): MysqlSource {
  const promising = toPromising(pool);
  const { connectionLimit } = partsOf(pool).config;
  // None is a limit of 0.
  const hasSeveral = typeof connectionLimit === "number" && connectionLimit !== 1;
  if (reserve && hasSeveral) return reserveOne(promising);
  return {
    pool: promising,
    ...(reserve ? { notice: sharesPool("MySQL", "mysql2") } : {}),
    async close() {},
  };
}

/** Reserves one connection of the app's pool for reads and writes, one after the other. */
function reserveOne(pool: MysqlPool): MysqlSource {
  let reserved: MysqlConnection | undefined;
  let busy = false;
  let closed = false;

  function drop(connection: MysqlConnection): void {
    reserved = undefined;
    connection.destroy();
  }

  return {
    pool: {
      async getConnection() {
        if (busy) return pool.getConnection();
        busy = true;
        let line: MysqlConnection;
        try {
          line = reserved ??= await pool.getConnection();
        } catch (error) {
          busy = false;
          throw error;
        }
        return {
          query: (query) => line.query(query),
          release() {
            busy = false;
            if (closed) line.release();
          },
          destroy() {
            busy = false;
            drop(line);
          },
        };
      },
    },
    async close() {
      closed = true;
      if (reserved === undefined) return;
      if (busy) drop(reserved);
      else reserved.release();
    },
  };
}

function isCallbackPool(pool: MysqlPool | MysqlCallbackPool): pool is MysqlCallbackPool {
  return "promise" in pool && typeof pool.promise === "function";
}

/** Of the package `mariadb`, whose queries answer with the rows alone. */
interface MariadbPool {
  getConnection(): Promise<
    | {
        query(query: MysqlQuery): Promise<unknown>;
        release(): Promise<void>;
        destroy(): void;
      }
    | undefined
  >;
}

function toPromising(pool: MysqlPool | MysqlCallbackPool): MysqlPool {
  if (isCallbackPool(pool)) return pool.promise();
  if (!("activeConnections" in pool)) return pool;
  const mariadb = pool as unknown as MariadbPool;
  return {
    async getConnection() {
      const connection = await mariadb.getConnection();
      if (connection === undefined)
        throw new Error("the pool has no promises: import mariadb, not mariadb/callback");
      return {
        async query({ sql, rowsAsArray = false, nestTables = false }) {
          // Its `timeout` is a second limit in the statement, which has one already.
          const answer = await connection.query({
            sql,
            rowsAsArray,
            nestTables,
            typeCast: (_, next) => next(),
          });
          // With `metaAsArray` the rows come first, as in mysql2.
          return Array.isArray(answer) && !("meta" in answer) ? (answer as unknown[]) : [answer];
        },
        release() {
          connection.release().catch(ignore);
        },
        destroy() {
          connection.destroy();
        },
      };
    },
  };
}

function ignore(): void {}

async function loadMysql(): Promise<typeof import("mysql2")> {
  try {
    const module = await loadPackage("mysql2", () =>
      import(/* webpackIgnore: true */ /* turbopackIgnore: false */ "mysql2").catch(rethrow),
    );
    return "createPool" in module
      ? module
      : (module as { readonly default: typeof import("mysql2") }).default;
  } catch (error) {
    throw clientUnavailable("mysql2", "A MySQL store", error);
  }
}
