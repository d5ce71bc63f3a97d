import { clientUnavailable } from "../failure.ts";

/** A query as `pg` takes it. */
export interface PostgresQuery {
  readonly text: string;
  /** Milliseconds after which `pg` gives the connection up. */
  readonly query_timeout?: number;
}

/** The part of a `pg` Pool that the store uses. */
export interface PostgresPool {
  query(query: PostgresQuery): Promise<unknown>;
  /** Only for `listen`. */
  connect?(): Promise<PostgresPoolClient>;
  on?(event: "error", listener: (error: Error) => void): unknown;
  off?(event: "error", listener: (error: Error) => void): unknown;
}

/** The part of a `pg` Client that the store listens with. */
export interface PostgresClient {
  query(query: PostgresQuery): Promise<unknown>;
  on(event: "notification", listener: (message: PostgresNotification) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "end", listener: () => void): unknown;
  unref?(): void;
}

export interface PostgresPoolClient extends PostgresClient {
  release(destroy?: boolean): void;
}

export interface PostgresNotification {
  readonly channel: string;
  readonly payload?: string | undefined;
}

/** Where connections come from. */
export interface PostgresSource {
  readonly pool: PostgresPool;
  /** A connection for one listener alone. */
  listenClient(): Promise<ListenClient>;
  close(): Promise<void>;
}

export interface ListenClient {
  readonly client: PostgresClient;
  /** Gives the connection up, whatever its state. */
  end(): void;
}

/** Milliseconds until a connection that was not made is given up. */
const connectLimit = 2000;

/**
 * A small pool of the store's own.
 *
 * @throws IntermissionError `client-missing`
 */
export async function connectByUrl(url: string): Promise<PostgresSource> {
  const { Pool, Client } = await loadPostgres();
  const settings = {
    connectionString: url,
    application_name: "intermission",
    connectionTimeoutMillis: connectLimit,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  };
  // Two: one that waits for a lock must not stop the other. Kept for longer than the time between two reads.
  const pool = new Pool({ ...settings, max: 2, idleTimeoutMillis: 60_000, allowExitOnIdle: true });
  // Without a listener an idle connection that the server ends would end this process too.
  pool.on("error", ignore);
  return {
    pool,
    async listenClient() {
      const client: PostgresClient & Pick<InstanceType<typeof Client>, "connect" | "end"> = new Client(
        settings,
      );
      client.on("error", ignore);
      const connected = client.connect();
      client.unref?.();
      try {
        await connected;
      } catch (error) {
        void client.end().catch(ignore);
        throw error;
      }
      return { client, end: () => void client.end().catch(ignore) };
    },
    close: () => pool.end(),
  };
}

/** A pool that belongs to the app: used, never closed. */
export function borrowPool(pool: PostgresPool): PostgresSource {
  // The store's reads keep a connection of the pool idle in between. Should the server end it while the app has no
  // listener, `pg` would end the app: that must not be the store's doing.
  pool.on?.("error", ignore);
  return {
    pool,
    async listenClient() {
      if (pool.connect === undefined) throw new Error("the pool has no method connect");
      const client = await pool.connect();
      client.on("error", ignore);
      let released = false;
      const end = (): void => {
        // A second release throws.
        if (released) return;
        released = true;
        // Destroyed rather than given back: it would go on to listen.
        client.release(true);
      };
      return { client, end };
    },
    async close() {
      pool.off?.("error", ignore);
    },
  };
}

function ignore(): void {}

async function loadPostgres(): Promise<typeof import("pg")> {
  try {
    const module = await import("pg");
    // Before 8.15 `pg` is CommonJS alone, and its names are on the default export.
    return "Pool" in module ? module : (module as { readonly default: typeof import("pg") }).default;
  } catch (error) {
    throw clientUnavailable("pg", "A PostgreSQL store", error);
  }
}
