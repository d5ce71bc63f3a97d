import { clientUnavailable, loadPackage } from "../shared/failure.ts";
import type { MysqlAddress } from "./address.ts";

/** A query as `mysql2` takes it. */
export interface MysqlQuery {
  readonly sql: string;
  /** Milliseconds after which `mysql2` stops to wait for the answer. */
  readonly timeout?: number;
  readonly rowsAsArray?: boolean;
  readonly nestTables?: boolean;
  readonly typeCast?: (field: unknown, next: () => unknown) => unknown;
}

/** The part of a connection of a `mysql2` pool that the store uses. */
export interface MysqlConnection {
  query(query: MysqlQuery): Promise<readonly unknown[]>;
  release(): void;
  destroy(): void;
}

/** The part of a pool of `mysql2/promise` that the store uses. */
export interface MysqlPool {
  getConnection(): Promise<MysqlConnection>;
}

/** A pool of `mysql2` with callbacks, which has one with promises inside. */
export interface MysqlCallbackPool {
  promise(): MysqlPool;
}

/** Where connections come from. */
export interface MysqlSource {
  readonly pool: MysqlPool;
  close(): Promise<void>;
}

/** Milliseconds until a connection that was not made is given up. */
const connectLimit = 2000;

/**
 * A small pool of the store's own.
 *
 * @throws IntermissionError `client-missing`
 */
export async function connectTo(address: MysqlAddress): Promise<MysqlSource> {
  const { createPool } = await loadMysql();
  const pool = createPool({
    ...address,
    // Two: one that waits for a lock must not stop the other. No `maxIdle` below it: its timer would keep the process.
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
      // A server that does not answer would not end its side either.
      for (const stream of streams) stream.destroySoon();
    },
  };
}

/** A pool that belongs to the app: used, never closed. */
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
