import { clientUnavailable, loadPackage } from "../shared/failure.ts";
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
  close(): Promise<void>;
}

/** Milliseconds until a connection attempt is given up. */
const connectLimit = 2000;

/**
 * The store's own small pool.
 *
 * @throws IntermissionError `client-missing`
 */
export async function connectTo(address: MysqlAddress): Promise<MysqlSource> {
  const { createPool } = await loadMysql();
  const pool = createPool({
    ...address,
    // Two, so that one waiting for a lock does not block the other. A lower `maxIdle` would start a timer
    // that keeps the process alive.
    connectionLimit: 2,
    connectTimeout: connectLimit,
    charset: "utf8mb4",
    enableKeepAlive: true,
    keepAliveInitialDelay: 10_000,
  });
  const streams = new Set<MysqlStream>();
  pool.on("connection", (connection) => {
    const { stream } = connection as unknown as { readonly stream: MysqlStream };
    streams.add(stream);
    stream.on("close", () => streams.delete(stream));
    stream.unref();
    connection.on("error", ignore);
  });
  return {
    pool: pool.promise(),
    async close() {
      pool.end(ignore);
      // A server that does not answer would not close its side either.
      for (const stream of streams) stream.destroySoon();
    },
  };
}

/** The app's pool: used, never closed. */
export function borrowPool(pool: MysqlPool | MysqlCallbackPool): MysqlSource {
  return { pool: isCallbackPool(pool) ? pool.promise() : pool, async close() {} };
}

function isCallbackPool(pool: MysqlPool | MysqlCallbackPool): pool is MysqlCallbackPool {
  return "promise" in pool && typeof pool.promise === "function";
}

interface MysqlStream {
  on(event: "close", listener: () => void): unknown;
  unref(): unknown;
  destroySoon(): void;
}

function ignore(): void {}

async function loadMysql(): Promise<typeof import("mysql2")> {
  try {
    const module = await loadPackage("mysql2", () => import("mysql2"));
    return "createPool" in module
      ? module
      : (module as { readonly default: typeof import("mysql2") }).default;
  } catch (error) {
    throw clientUnavailable("mysql2", "A MySQL store", error);
  }
}
